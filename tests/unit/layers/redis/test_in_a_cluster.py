"""Layers whose Redis is a cluster: all that is one layer's is in one slot, and goes where that goes."""

import contextlib
from typing import Any

import pytest

from lanchat.layers import LayerError, Message
from lanchat.layers.redis import from_url
from lanchat.layers.redis.layer import RedisLayer
from tests.support.conditions import eventually
from tests.support.redis.cluster import RedisCluster
from tests.support.redis.servers import in_thread


@pytest.mark.parametrize("kind", ["pubsub", "queue"])
async def test_a_layer_goes_on_where_its_slot_is_passed_on(kind: str, cluster: RedisCluster) -> None:
    url = cluster.url.replace("cluster", f"cluster+{kind}")
    async with from_url(url, prefix="chat", timeout=2) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)
        await layer.group_send("g", {"type": "before"})
        await eventually(lambda: got == [{"type": "before"}])
        assert sum(server.ask("DBSIZE") for server in cluster.servers) == cluster.owner("{chat}").ask("DBSIZE") > 0
        await in_thread(cluster.pass_on, "{chat}", cluster.another("{chat}"))
        await eventually(lambda: sent(layer, channel), what="its owner is found")
        await eventually(lambda: {"type": "sync"} in got)
        seen = len(got)

        with contextlib.suppress(LayerError):  # a connection that was there finds out by its first refusal
            await layer.group_send("g", {"type": "after"})
        await layer.group_send("g", {"type": "after"})
        await eventually(lambda: {"type": "after"} in got[seen:])


def sent(layer: RedisLayer[Any], channel: str) -> bool:
    try:
        layer.send_sync(channel, {"type": "sync"})
    except LayerError:
        return False
    return True
