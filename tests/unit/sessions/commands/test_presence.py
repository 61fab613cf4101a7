"""Who is there, who writes and who has read, at a real node over a real socket."""

import contextlib
from collections.abc import AsyncIterator, Collection

import pytest

from lanchat.config import Config
from lanchat.protocol import (
    MAX_SENT,
    Author,
    Done,
    Error,
    Leave,
    NodeInfo,
    Post,
    Presence,
    Read,
    Receipts,
    Typing,
    encode,
    guest_id,
)
from lanchat.rooms import presence
from lanchat.sessions.hub import Listener
from lanchat.web.server import Server
from tests.support.certificates import certified
from tests.support.clients import ELSEWHERE, guest, link, nicks, script, serving
from tests.support.conditions import eventually
from tests.support.identity import SEAL, signed


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


def listeners(server: Server, group: str) -> Collection[Listener]:
    return server.node.hub._groups[group]._listeners


async def test_what_only_links_may_say_is_refused_from_guests(server: Server) -> None:
    async with guest(server, "Mallory") as mallory, guest(server, "Ada") as ada:
        room = await ada.enter("strict")
        await mallory.enter("strict")
        forged = Presence(room=room, node=server.node.info, members=[])
        assert (await mallory.ask(forged, Error)).code == "invalid_frame"
        await mallory.tell(Post(room=room, nonce="n", text="I am Ada", author=ada.me))
        assert (await ada.said(room, 1))[0].author == mallory.me
        await mallory.tell(Typing(room=room, author=ada.me, node="elsewhere"))
        typing = await ada.hear(Typing)
        assert (typing.author, typing.node) == (mallory.me, server.node.info.id)


async def test_typing_is_passed_on_and_never_kept(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("typing")
        await bob.enter("typing")
        await ada.tell(Typing(room=room))
        typing = await bob.hear(Typing)
        assert (typing.room, typing.author, typing.node) == (room, ada.me, server.node.info.id)
        assert server.node.rooms.get(room).top == 0


async def test_a_link_speaks_for_its_people(server: Server) -> None:
    eve = Author(id=guest_id("eve"), nick="Eve")
    async with guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        async with link(server, ELSEWHERE, "linked") as far:
            await far.join(room)
            await far.tell(Presence(room=room, node=ELSEWHERE, members=[eve]))
            await ada.hear(Presence, lambda presence: presence.node == ELSEWHERE and nicks(presence) == ["Eve"])
            await far.tell(signed(Post(room=room, nonce="n", text="from afar", author=eve)))
            assert (await ada.said(room, 1))[0].author == eve
            await far.tell(Typing(room=room, author=eve, node=ELSEWHERE.id))
            assert (await ada.hear(Typing)).author == eve
        await ada.hear(Presence, lambda presence: presence.node == ELSEWHERE and nicks(presence) == [])


async def test_a_link_is_refused_what_it_may_not_say(server: Server) -> None:
    other = NodeInfo(id="f" * 32, name="other")
    async with link(server, ELSEWHERE, "linked") as far, guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        await far.join(room)
        nobody = Post(room=room, nonce="n", text="x")
        assert (await far.ask(nobody, Error)).nonce == "n"
        unnamed = Post(room=room, nonce="n", text="x", author=Author(id=guest_id("eve"), nick="two\nlines"))
        assert (await far.ask(unnamed, Error)).code == "invalid_nick"
        assert (await far.ask(Presence(room=room, node=other, members=[]), Error)).code == "invalid_frame"


@pytest.mark.parametrize(
    ("claimed", "code"),
    [
        (None, "invalid_frame"),
        (Author(id="short", nick="Eve"), "invalid_frame"),
        (Author(id="x" * 65, nick="Eve"), "invalid_frame"),
        (Author(id="eve-eve-eve", nick="Eve"), "invalid_frame"),
        (Author(id=SEAL.id, nick="Eve"), "invalid_frame"),
        (Author(id=guest_id("eve"), nick=""), "invalid_nick"),
        (Author(id=guest_id("eve"), nick=" Eve"), "invalid_nick"),
        (Author(id=guest_id("eve"), nick="a\u202eb"), "invalid_nick"),
        ("the owner", "invalid_frame"),
    ],
)
async def test_a_link_speaks_for_nobody_who_cannot_be(server: Server, claimed: Author | str | None, code: str) -> None:
    author = server.node.me if isinstance(claimed, str) else claimed
    async with link(server, ELSEWHERE, "linked") as far, guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        await far.join(room)
        error = await far.ask(Post(room=room, nonce="n", text="x", author=author), Error)
        assert (error.code, error.nonce) == (code, "n")
        assert (await far.ask(Typing(room=room, author=author, node=ELSEWHERE.id), Error)).code == code
        if author is not None:
            said = Presence(room=room, node=ELSEWHERE, members=[author])
            assert (await far.ask(said, Error)).code == code
        assert len(server.node.rooms.get(room).presence) == 1


async def test_the_end_of_an_older_link_takes_nobody_away_from_a_newer(server: Server) -> None:
    eve = Author(id=guest_id("eve"), nick="Eve")
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE, "linked") as newer:
        room = await ada.enter("linked")
        said = Presence(room=room, node=ELSEWHERE, members=[eve])
        async with link(server, ELSEWHERE, "linked") as older:
            for one in (older, newer):
                await one.join(room)
                await one.tell(said)
                await ada.hear(Presence, lambda presence: presence.node == ELSEWHERE and nicks(presence) == ["Eve"])
        await eventually(lambda: len(listeners(server, f"room.{room}")) == 2)
        assert len(server.node.rooms.get(room).presence) == 2
        await newer.tell(Leave(room=room))
        await ada.hear(Presence, lambda presence: presence.node == ELSEWHERE and nicks(presence) == [])


async def test_readers_are_told_to_everybody_and_to_who_comes_later(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("receipts")
        await bob.enter("receipts")
        await ada.say(room, "one")
        await bob.said(room, 1)
        await bob.tell(Read(room=room, seq=1))
        assert (await ada.hear(Receipts)).read == [(1, 1)]
        await ada.tell(Read(room=room, seq=99))
        await bob.hear(Receipts, lambda receipts: receipts.read == [(1, 2)])
        async with guest(server, "Eve") as eve:
            await eve.enter("receipts")
            assert (await eve.hear(Receipts)).read == [(1, 2)]


async def test_a_link_says_how_far_its_own_node_is_and_never_too_far(server: Server) -> None:
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE, "receipts") as far:
        room = await ada.enter("receipts")
        await far.join(room)
        await ada.say(room, "one")
        await ada.said(room, 1)
        await far.tell(Receipts(room=room, node=ELSEWHERE, kept=1000))
        assert (await ada.hear(Receipts)) == Receipts(room=room, node=ELSEWHERE, kept=1)
        await far.tell(Receipts(room=room, node=server.node.info, kept=1))
        assert (await far.hear(Error)).code == "invalid_frame"


async def test_a_link_reads_nothing_itself(server: Server) -> None:
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE, "receipts") as far, script(server) as bot:
        room = await ada.enter("receipts")
        for client in (far, bot):
            await client.join(room)
            await client.tell(Read(room=room, seq=0))
            await client.tell(Read(room=room, seq=1))
        await ada.say(room, "one")
        await ada.said(room, 1)
        assert server.node.rooms.get(room).receipts.frames() == []


async def test_links_that_see_very_many_people_leave_joins_small(server: Server) -> None:
    async with contextlib.AsyncExitStack() as stack, guest(server, "Ada") as ada:
        room = (await ada.open("crowded")).id
        for number in range(12):
            node = certified("🍲" * 64)
            far = await stack.enter_async_context(link(server, node, "crowded"))
            await far.join(room)
            members = [Author(id=guest_id(f"{number} {person}"), nick="🍲" * 24) for person in range(300)]
            await far.ask(Presence(room=room, node=node, members=members), Done)
            await far.ask(Receipts(room=room, node=node, kept=1, read=[(1, 2)] * 32), Done)
        await ada.join(room)
        await ada.hear(Presence, lambda presence: presence.node == server.node.info)
        told = [frame for frame in ada.passed if isinstance(frame, Presence | Receipts)]
        assert len([frame for frame in told if isinstance(frame, Receipts)]) == 12
        assert 0 < len([frame for frame in told if isinstance(frame, Presence)]) < 12
        assert sum(len(encode(frame)) for frame in told) < MAX_SENT


async def test_a_link_hears_when_there_is_no_place_for_its_people(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "MOST_NODES", 1)
    one, two = certified("One"), certified("Two")
    async with link(server, one, "full") as first, link(server, two, "full") as second:
        room = (await first.open("full")).id
        for far in (first, second):
            await far.join(room)
        eve = Author(id=guest_id("eve"), nick="Eve")
        await first.ask(Presence(room=room, node=one, members=[eve]), Done)
        refused = await second.ask(Presence(room=room, node=two, members=[eve]), Error)
        assert refused.code == "limit_reached"
