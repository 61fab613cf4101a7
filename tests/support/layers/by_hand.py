"""A program that uses a layer in event loops that it closes by hand: `python -m tests.support.layers.by_hand URL`."""

import asyncio
import gc
import sys

from lanchat.layers import BaseChannelLayer, layer_from_url


async def use(layer: BaseChannelLayer) -> None:
    """Send something to a group, and read it."""
    channel = await layer.new_channel()
    await layer.group_add("hand", channel)
    await layer.group_send("hand", {"type": "t"})
    print((await layer.receive(channel))["type"])


def main(url: str) -> None:
    """Use one layer in two loops, one after the other."""
    layer = layer_from_url(url)
    for _ in range(2):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use(layer))
        loop.close()
    gc.collect()


if __name__ == "__main__":
    main(sys.argv[1])
