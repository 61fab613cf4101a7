"""A process that forks while its layer is in use, as a server with several workers does: `python -m … URL`.

Prints what went wrong, or "fine". Both processes go on: the parent's channel and memberships are its own, and the child
begins with nothing.
"""

import asyncio
import os
import sys
import traceback

from lanchat.layers import BaseChannelLayer, layer_from_url
from tests.support.conditions import eventually


async def once(layer: BaseChannelLayer, who: str) -> str:
    """Use the layer as somebody new, in every way that a process does; gives the channel."""
    channel = await layer.new_channel()
    await layer.group_add("both", channel)
    got: list[str] = []
    layer.attach(channel, lambda message: got.append(message["by"]))
    await layer.send(channel, {"type": "t", "by": who})
    await asyncio.to_thread(layer.send_sync, channel, {"type": "t", "by": who})
    await eventually(lambda: got == [who, who])
    return channel


async def child(layer: BaseChannelLayer, parents: str, *, shared: bool) -> None:
    """Do all of that in the forked process; the layer of the parent is not disturbed by its end."""
    own = await once(layer, "child")
    assert await layer.group_members("both") == sorted([own, *([parents] if shared else [])])
    await layer.group_send("both", {"type": "t", "by": "the child"})
    await layer.close()


async def parent(url: str) -> None:
    """Use the layer, fork, and go on."""
    shared = not url.startswith("memory")
    async with layer_from_url(url) as layer:
        channel = await once(layer, "parent")
        got: list[str] = []
        layer.attach(channel, lambda message: got.append(message["by"]))
        pid = os.fork()
        if not pid:
            code = 1
            try:
                asyncio.run(child(layer, channel, shared=shared))
                code = 0
            except BaseException:  # noqa: BLE001 - this process must not go on as the other one
                traceback.print_exc()
            finally:
                os._exit(code)
        _, status = await asyncio.to_thread(os.waitpid, pid, 0)
        assert status == 0, "the child failed"
        await layer.group_send("both", {"type": "t", "by": "the parent"})
        wanted = [*(["the child"] if shared else []), "the parent"]
        await eventually(lambda: got == wanted)
        assert await layer.group_members("both") == [channel]


if __name__ == "__main__":
    asyncio.run(parent(sys.argv[1]))
    sys.stdout.write("fine\n")
