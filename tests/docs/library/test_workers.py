"""docs/library/workers.md."""

import asyncio

from lanchat.consumers.routing import ChannelNameRouter
from lanchat.consumers.worker import ChannelWorker
from lanchat.consumers.worker.program import main
from lanchat.layers import InMemoryChannelLayer, register_channel_layer
from tests.docs.library.pages import page
from tests.docs.tutorial import Tutorial, blocks


async def test_jobs(book: Tutorial) -> None:
    consumers = book.module("jobs").consumers
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("default", layer)
        worker = ChannelWorker(ChannelNameRouter(consumers), layer, consumers)
        working = asyncio.create_task(worker.run())
        mine = await layer.new_channel()
        await layer.send("thumbnails", {"type": "thumbnail.make", "name": "cat", "reply": mine})
        assert await layer.receive(mine) == {"type": "thumbnail.made", "name": "CAT"}
        await layer.group_add("auditors", mine)
        await layer.send("audit", {"type": "audit.note", "text": "seen"})
        assert await layer.receive(mine) == {"type": "noted", "text": "seen"}
        worker.stop()
        await working


def test_the_command_is_one(book: Tutorial) -> None:
    book.module("jobs")
    (line,) = "".join(blocks(page("workers").read_text("utf-8"), "bash")).splitlines()
    arguments = line.removeprefix("python -m lanchat.consumers.worker ").split()
    assert main([*arguments, "nobody"]) == 2  # everything else of it is understood
