"""What a mirror sends home, over a connection that writes it down. With a real home: test_link.py."""

import asyncio
from functools import partial
from typing import cast

import pytest
from msgspec.structs import replace

from lanchat.errors import Unreachable
from lanchat.identity import check
from lanchat.journal import Journal
from lanchat.lan.connection import Connection
from lanchat.lan.link.outflow import Outflow
from lanchat.protocol import Author, Command, Post, Presence, Receipts, Typing
from lanchat.rooms import Room
from tests.support.conditions import eventually
from tests.support.identity import GUEST, OTHER_SEAL, SEAL
from tests.support.rooms.said import ADA, HERE, draft


class Written:
    """A connection that takes commands until it is gone."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.gone = False

    async def send(self, command: Command) -> None:
        if self.gone:
            raise Unreachable
        self.sent.append(command)

    @property
    def posts(self) -> list[str]:
        return [command.nonce for command in self.sent if isinstance(command, Post)]


@pytest.fixture
def written() -> Written:
    return Written()


async def test_what_waits_is_sent_in_its_order_and_what_comes_later_behind_it(
    mirror: Room, published: Journal, written: Written
) -> None:
    outflow = Outflow(mirror, published, SEAL)
    for nonce in "ab":
        await published.enqueue(draft(room="m1", nonce=nonce))
    running = asyncio.create_task(outflow.run(cast("Connection", written)))
    await eventually(lambda: written.posts == ["a", "b"])
    await published.enqueue(draft(room="m1", nonce="c"))
    outflow.flush()
    await eventually(lambda: written.posts == ["a", "b", "c"])
    written.gone = True
    outflow.send(Typing(room="m1", author=ADA, node=HERE.id))
    await running


async def test_each_connection_is_sent_everything_that_still_waits(
    mirror: Room, published: Journal, written: Written
) -> None:
    outflow = Outflow(mirror, published, SEAL)
    await published.enqueue(draft(room="m1", nonce="a"))
    for expected in (["a"], ["a", "a"]):
        running = asyncio.create_task(outflow.run(cast("Connection", written)))
        await eventually(partial(_is_sent, written, expected))
        running.cancel()
        await asyncio.wait({running})


async def test_of_what_is_not_kept_only_the_newest_waits(mirror: Room, published: Journal, written: Written) -> None:
    outflow = Outflow(mirror, published, SEAL)
    for number in range(100):
        outflow.send(Typing(room="m1", author=ADA, node=str(number)))
    running = asyncio.create_task(outflow.run(cast("Connection", written)))
    await eventually(lambda: sum(isinstance(command, Typing) for command in written.sent) == 64)
    assert next(command.node for command in written.sent if isinstance(command, Typing)) == "36"
    outflow.send(Typing(room="m1", author=ADA))
    outflow.drop()
    outflow.flush()
    await published.enqueue(draft(room="m1", nonce="a"))
    outflow.flush()
    await eventually(lambda: written.posts == ["a"])
    assert sum(isinstance(command, Typing) for command in written.sent) == 64
    running.cancel()
    await asyncio.wait({running})


async def test_the_home_is_told_first_who_is_here_and_how_far_they_are(
    mirror: Room, published: Journal, upstream: object, written: Written
) -> None:
    await mirror.presence.enter("window", ADA)
    running = asyncio.create_task(Outflow(mirror, published, SEAL).run(cast("Connection", written)))
    said: list[object] = getattr(upstream, "sent")  # noqa: B009 - a link made for tests
    await eventually(lambda: [type(frame) for frame in said[-2:]] == [Presence, Receipts])
    running.cancel()
    await asyncio.wait({running})


def _is_sent(written: Written, posts: list[str]) -> bool:
    return written.posts == posts


@pytest.mark.parametrize("kept", ["vouched for", "by a key that is gone", "by the person here"])
async def test_what_waits_is_signed_when_it_is_sent(
    mirror: Room, published: Journal, written: Written, kept: str
) -> None:
    """Guests are vouched for by the node of now, whichever key it had when they said it."""
    said = draft(room="m1", nonce="a", author=Author(id=SEAL.id, nick="Ada") if "person" in kept else GUEST)
    await published.enqueue((OTHER_SEAL if "gone" in kept else SEAL).said(said))
    running = asyncio.create_task(Outflow(mirror, published, SEAL).run(cast("Connection", written)))
    await eventually(lambda: written.posts == ["a"])
    running.cancel()
    await asyncio.wait({running})
    post = next(command for command in written.sent if isinstance(command, Post))
    assert post.voucher == ("" if "person" in kept else SEAL.id)
    assert post.author == said.author
    check(replace(said, signature=post.signature, voucher=post.voucher))
