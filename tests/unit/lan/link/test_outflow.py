"""What a mirror sends home, over a connection that writes it down. With a real home: test_link.py."""

import asyncio
from functools import partial
from typing import cast

import pytest
from msgspec.structs import replace

from lanchat.errors import SlowDown, Unreachable
from lanchat.identity import check
from lanchat.journal import Journal
from lanchat.lan.connection import Connection
from lanchat.lan.link.outflow import AHEAD, Outflow
from lanchat.protocol import (
    MAX_BROUGHT,
    MAX_FRAME,
    MAX_TEXT,
    Author,
    Bring,
    Command,
    Done,
    Error,
    Post,
    Presence,
    Receipts,
    Typing,
    encode,
)
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

    async def submit(self, command: Command) -> int:
        await self.send(command)
        return len(self.brought)

    @property
    def brought(self) -> list[Bring]:
        return [command for command in self.sent if isinstance(command, Bring)]

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


async def test_what_was_said_apart_goes_many_in_a_frame_and_two_frames_ahead_at_most(
    mirror: Room, published: Journal, written: Written
) -> None:
    outflow = Outflow(mirror, published, SEAL)
    for number in range(4 * MAX_BROUGHT):
        await published.enqueue(replace(SEAL.said(draft(room="m1", nonce=f"n{number}", author=GUEST)), at=1 + number))
    await published.enqueue(draft(room="m1", nonce="last"))
    running = asyncio.create_task(outflow.run(cast("Connection", written)))
    await eventually(lambda: len(written.brought) == AHEAD)
    outflow.send(Typing(room="m1", author=ADA))
    assert not any(isinstance(command, Typing) for command in written.sent)
    outflow.answered(Done(ref=99))
    outflow.answered(Done(ref=1))
    await eventually(lambda: len(written.brought) == AHEAD + 1)
    assert any(isinstance(command, Typing) for command in written.sent), "it waits for one frame, not for all"
    for ref in (2, 3, 4):
        outflow.answered(Done(ref=ref))
    await eventually(lambda: written.posts == ["last"])
    nonces = [post.nonce for frame in written.brought for post in frame.posts]
    assert nonces == [f"n{number}" for number in range(4 * MAX_BROUGHT)]
    running.cancel()
    await asyncio.wait({running})


async def test_a_frame_of_what_was_said_apart_is_never_larger_than_what_a_node_reads(
    mirror: Room, published: Journal, written: Written
) -> None:
    outflow = Outflow(mirror, published, SEAL)
    for number in range(20):
        said = SEAL.said(draft("\U0001f44b" * MAX_TEXT, room="m1", nonce=f"n{number}", author=GUEST))
        await published.enqueue(replace(said, at=1))
    running = asyncio.create_task(outflow.run(cast("Connection", written)))
    for ref in range(1, 8):
        await eventually(lambda r=ref: len(written.brought) >= r)  # type: ignore[misc]
        outflow.answered(Done(ref=ref))
    await eventually(lambda: sum(len(frame.posts) for frame in written.brought) == 20)
    assert all(len(encode(frame)) <= MAX_FRAME for frame in written.brought)
    running.cancel()
    await asyncio.wait({running})


async def test_a_home_that_takes_nothing_of_it_is_asked_again_later(
    mirror: Room, published: Journal, written: Written
) -> None:
    outflow = Outflow(mirror, published, SEAL)
    await published.enqueue(replace(SEAL.said(draft(room="m1", nonce="a", author=GUEST)), at=1))
    running = asyncio.create_task(outflow.run(cast("Connection", written)))
    await eventually(lambda: len(written.brought) == 1)
    with pytest.raises(SlowDown):
        outflow.answered(Error(code="slow_down", message="", retry=True, ref=1))
    running.cancel()
    await asyncio.wait({running})
    assert len(await published.outbox("m1")) == 1
