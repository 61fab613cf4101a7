"""The link of a node that means no good, and who is in a room by other nodes: each row is somebody that it names.

It proves its own key, its person signs that it is theirs, and it follows the room like any other.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest

from lanchat.identity import Seal
from lanchat.protocol import (
    Author,
    Done,
    Error,
    Forget,
    Invite,
    Notification,
    Presence,
    Purge,
    RoomRef,
    Typing,
    guest_id,
)
from lanchat.web.server import Server
from tests.support.certificates import certified
from tests.support.clients import ELSEWHERE, Client, LinkEnd, guest, link, nicks
from tests.support.identity import MAX, OTHER_SEAL, SEAL, key

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVIL = certified("evil")
MALLORY, MILA = Author(id=SEAL.id, nick="Mallory"), Author(id=guest_id("mila"), nick="Mila")
"""The person of the hostile node, and a guest there."""
NELL = Author(id=guest_id("nell"), nick="Nell")
"""A guest of the other node."""


class Place(NamedTuple):
    """A room at its home, with a guest there; an honest node in it, whose person is MAX; and the hostile one."""

    room: str
    ada: Client
    honest: LinkEnd
    evil: LinkEnd


@asynccontextmanager
async def place(server: Server, name: str) -> AsyncIterator[Place]:
    async with (
        guest(server, "Ada") as ada,
        link(server, ELSEWHERE, name, OTHER_SEAL) as honest,
        link(server, EVIL, name, SEAL) as evil,
    ):
        room = await ada.enter(name)
        for end in (honest, evil):
            await end.join(room)
        await honest.ask(Presence(room=room, node=ELSEWHERE, members=[MAX, NELL]), Done)
        await evil.ask(Presence(room=room, node=EVIL, members=[MALLORY, MILA]), Done)
        yield Place(room, ada, honest, evil)


def at(server: Server, room: str, node: str) -> list[str]:
    """Ids of those who are in a room through a node."""
    sets = server.node.rooms.get(room).presence.people.sets()
    return [member.id for known, members in sets if known.id == node for member in members]


OTHERS: dict[str, Callable[[Server, Place], Author]] = {
    "the owner of the home": lambda server, _: server.node.me,
    "the owner of the home, under another name": lambda server, _: Author(id=server.node.me.id, nick="Eve"),
    "a guest at the home": lambda _, there: there.ada.me,
    "the person of another node": lambda *_: MAX,
    "a guest of another node": lambda *_: NELL,
    "a person whose key nobody has": lambda *_: Author(id=Seal(key(9)).id, nick="Nobody"),
    "nobody with an id of before there were keys": lambda *_: Author(id="a" * 32, nick="Old"),
}


@pytest.mark.parametrize("other", OTHERS)
async def test_a_link_has_nobody_there_who_is_not_its_own(shared_node: Server, other: str) -> None:
    async with place(shared_node, f"presence of {other}"[:40]) as there:
        somebody = OTHERS[other](shared_node, there)
        before = {node: at(shared_node, there.room, node) for node in (shared_node.node.info.id, ELSEWHERE.id)}
        await there.evil.tell(Presence(room=there.room, node=EVIL, members=[MALLORY, somebody]))
        await there.evil.settled(there.room)
        assert somebody.id not in at(shared_node, there.room, EVIL.id)
        assert {node: at(shared_node, there.room, node) for node in before} == before


@pytest.mark.parametrize("other", OTHERS)
async def test_a_link_shows_nobody_writing_who_is_not_its_own(shared_node: Server, other: str) -> None:
    async with place(shared_node, f"typing of {other}"[:40]) as there:
        somebody = OTHERS[other](shared_node, there)
        await there.evil.tell(Typing(room=there.room, author=somebody, node=ELSEWHERE.id))
        await there.evil.settled(there.room)
        await there.ada.heard_nothing(Typing, there.room)


@pytest.mark.parametrize("other", OTHERS)
async def test_a_link_invites_for_nobody_who_is_not_its_own(shared_node: Server, other: str) -> None:
    async with place(shared_node, f"invitation of {other}"[:40]) as there:
        somebody = OTHERS[other](shared_node, there)
        into = RoomRef(id="f" * 32, name="Trap")
        refused = await there.evil.ask(Invite(room=there.room, to=there.ada.me.id, into=into, author=somebody), Error)
        assert refused.code == "invalid_frame"
        await there.ada.heard_nothing(Notification, there.room)


async def test_a_link_takes_nobody_away_and_keeps_nobody_longer_than_it_says(shared_node: Server) -> None:
    async with place(shared_node, "taken away") as there:
        for node in (ELSEWHERE, shared_node.node.info):
            refused = await there.evil.ask(Presence(room=there.room, node=node, members=[]), Error)
            assert refused.code == "invalid_frame"
        assert at(shared_node, there.room, ELSEWHERE.id) == [MAX.id, NELL.id]
        await there.honest.ask(Presence(room=there.room, node=ELSEWHERE, members=[MAX]), Done)
        # Once their own node says that a guest is gone, they may be a guest somewhere else.
        await there.evil.ask(Presence(room=there.room, node=EVIL, members=[NELL]), Done)
        assert at(shared_node, there.room, EVIL.id) == [NELL.id]


async def test_what_a_link_may_say_is_said(shared_node: Server) -> None:
    async with place(shared_node, "its own people") as there:
        for own in (MALLORY, MILA):
            await there.evil.tell(Typing(room=there.room, author=own, node=ELSEWHERE.id))
            typing = await there.ada.hear(Typing)
            assert (typing.author, typing.node) == (own, EVIL.id)
        said = await there.ada.hear(Presence, lambda presence: presence.node.id == EVIL.id)
        assert nicks(said) == ["Mallory", "Mila"]


async def test_neither_a_link_nor_a_guest_deletes_a_room_or_what_was_said_there(shared_node: Server) -> None:
    async with place(shared_node, "not theirs") as there:
        for client in (there.evil, there.ada):
            for command in (Forget(room=there.room), Purge(person=MAX.id)):
                refused = await client.ask(command, Error)
                assert refused.code in {"not_owner", "invalid_frame"}
        assert there.room in shared_node.node.rooms
