"""What one process says of its users, and what it believes."""

from typing import Any

import pytest

from lanchat.consumers.presence.table import PresenceTable
from lanchat.consumers.presence.topic import PresenceTopic
from lanchat.layers import InMemoryChannelLayer, LayerUnreachable, Message
from tests.support.conditions import eventually


async def begun(layer: InMemoryChannelLayer, lease: float = 30) -> PresenceTopic:
    topic = PresenceTopic(layer, "Küche 🍲", PresenceTable(grace=0, lease=lease, most=10), lease=lease)
    await topic.begin()
    return topic


@pytest.mark.parametrize(
    "message",
    [
        {"type": "presence.state"},
        {"type": "presence.state", "node": 7, "users": ["eve"]},
        {"type": "presence.state", "node": "x", "users": "eve"},
        {"type": "presence.state", "node": "x", "users": {"eve": 1}},
        {"type": "presence.state", "node": "x", "users": [["eve"], None, 7]},
        {"type": "other", "node": "x", "users": ["eve"]},
        {},
    ],
)
async def test_nonsense_is_passed_over(message: Message) -> None:
    async with InMemoryChannelLayer() as layer:
        topic = await begun(layer)
        await layer.group_send(topic._group, message)
        await layer.group_send(topic._group, {"type": "presence.state", "node": "y", "users": ["ada"]})
        await eventually(lambda: topic.table.users == ["ada"])
        await topic.end()


async def test_while_the_layer_is_away_nobody_leaves(caplog: pytest.LogCaptureFixture) -> None:
    class Away(InMemoryChannelLayer):
        away = False

        async def group_send(self, group: str, message: Message, **options: Any) -> None:
            if self.away:
                raise LayerUnreachable
            await super().group_send(group, message, **options)

    async with Away() as layer:
        topic = await begun(layer, lease=0.3)
        await layer.group_send(topic._group, {"type": "presence.state", "node": "y", "users": ["ada"]})
        await eventually(lambda: topic.table.users == ["ada"])
        layer.away = True
        await eventually(lambda: "cannot reach the layer" in caplog.text)
        ends = topic.table._elsewhere["y"][0]
        await eventually(lambda: topic.table._elsewhere["y"][0] > ends)
        assert topic.table.users == ["ada"]
        layer.away = False
        await eventually(lambda: topic.table.users == [])
        await topic.end()


async def test_who_cannot_be_taken_is_told_nothing() -> None:
    async with InMemoryChannelLayer() as layer:
        topic = await begun(layer)
        channel = await layer.new_channel()
        with pytest.raises(ValueError, match="A user's name"):
            await topic.enter(1, "", channel)
        assert await layer.group_members(topic._local) == []
        await topic.end()
