"""What the node of a voter may say, and to whom it is handed on."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from lanchat.config import Config
from lanchat.errors import NoSuchRoom
from lanchat.protocol import Author, Body, Done, Error, Event, LogEntry, Quorum, guest_id
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, link, serving, window
from tests.support.identity import OTHER_SEAL

STEP = Quorum(room="", step="offer", sender=f"{ELSEWHERE.id}.{'0' * 16}", to="", port=4, name="Liar")
SAID = Event(
    room="", seq=1, term=1, nonce="n", author=Author(id=guest_id("eve"), nick="Eve"), at=5, kind="message", body=Body()
)


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def test_a_step_is_handed_to_the_seat_with_the_name_and_the_place_that_the_link_has(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[Quorum, str, str]] = []
    async with link(server, ELSEWHERE, "hall") as far:
        room = await server.node.rooms.open("hall")
        assert room.seat is not None
        monkeypatch.setattr(room.seat, "take", lambda *given: taken.append(given))
        await far.ask(replace(STEP, room=room.id), Done)
    assert [(frame.name, host, person) for frame, host, person in taken] == [
        (ELSEWHERE.name, "127.0.0.1", OTHER_SEAL.id)
    ]


async def test_nobody_speaks_for_another_node_and_no_person_for_any(server: Server) -> None:
    async with link(server, ELSEWHERE, "hall") as far, window(server) as owner:
        room = (await server.node.rooms.open("hall")).id
        other = replace(STEP, room=room, sender=f"{'f' * 32}.{'0' * 16}")
        assert (await far.ask(other, Error)).message == "A link speaks for its own node only."
        assert (await owner.ask(replace(STEP, room=room), Error)).message == "Only a link speaks for a node."


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (replace(SAID, body=Body(text="hello")), "invalid_signature"),
        (replace(SAID, body=Body(text=" ")), "invalid_frame"),
        (replace(SAID, body=Body(text="x" * 5_000)), "text_too_long"),
        (replace(SAID, seq=0, body=Body(text="hello")), "invalid_frame"),
    ],
    ids=["nobody signed it", "empty", "too long", "without a number"],
)
async def test_an_event_that_nobody_can_have_said_goes_no_further(server: Server, event: Event, code: str) -> None:
    async with link(server, ELSEWHERE, "hall") as far:
        room = (await server.node.rooms.open("hall")).id
        entry = LogEntry(term=1, event=replace(event, room=room))
        step = replace(STEP, room=room, step="append", entries=[entry])
        assert (await far.ask(step, Error)).code == code


async def test_a_node_that_is_banned_takes_no_part(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with link(server, ELSEWHERE, "hall") as far:
        room = await server.node.rooms.open("hall")
        monkeypatch.setattr(room.door, "outside", NoSuchRoom())
        assert (await far.ask(replace(STEP, room=room.id), Error)).code == "no_such_room"
        assert (await far.ask(replace(STEP, room=room.id, step="vote"), Done)) == Done(ref=2)
