"""What came from whom, and getting rid of it."""

from collections.abc import AsyncIterator

import pytest

from lanchat.config import Config
from lanchat.protocol import Error, Event, Notification, Open, Opened, Purge, Purged
from lanchat.web.server import Server
from tests.support.clients import guest, serving, window


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
def here() -> str:
    """The address of every guest in these tests."""
    return "127.0.0.1"


async def test_what_an_address_has_left_is_deleted_and_the_rest_stays(server: Server, here: str) -> None:
    async with window(server) as owner:
        hall = await owner.enter("hall")
        await owner.say(hall, "of the owner")
        await owner.said(hall, 1)
        async with guest(server) as flood:
            await flood.enter("hall")
            for number in range(450):
                await flood.say(hall, f"flood {number}")
            await flood.said(hall, 450)
            theirs, shared = [(await flood.ask(Open(name=name), Opened)).room.id for name in ("theirs", "shared")]
            await flood.enter("theirs")
            await flood.say(theirs, "alone")
            await owner.enter("shared")
            await owner.say(shared, "mine")
            await owner.said(shared, 1)
            seen = (await owner.ask(Purge(), Purged)).seen
            assert [(trace.address, trace.people, trace.rooms) for trace in seen] == [(here, 1, 2)]
            counted = await owner.ask(Purge(address=here, dry_run=True), Purged)
            assert (counted.posts, counted.rooms, server.node.journal.top(hall)) == (450, 1, 451)
            assert await owner.ask(Purge(address=here, since=2**52), Purged) == Purged(ref=counted.ref + 1)
            purged = await owner.ask(Purge(address=here), Purged)
            assert (purged.posts, purged.rooms) == (450, 1)
            gone = [event.kind for event in await flood.said(hall, 450)]
            assert gone == ["deletion"] * 450
            assert theirs not in server.node.rooms
            assert shared in server.node.rooms
            again = await owner.ask(Purge(address=here), Purged)
            assert (again.posts, again.rooms) == (0, 0)
        standing = await server.node.journal.said_by(hall, [owner.me.id], 0, 0, 9)
        assert [event.body.text for event in standing] == ["of the owner"]


async def test_what_a_person_said_is_deleted(server: Server) -> None:
    async with window(server) as owner, guest(server) as one, guest(server) as two:
        hall = await owner.enter("hall")
        for person in (one, two):
            await person.enter("hall")
            await person.say(hall, f"hello of {person.me.id}")
        await owner.said(hall, 2)
        assert (await owner.ask(Purge(person=one.me.id), Purged)).posts == 1
        deleted = await owner.hear(Event, lambda event: event.kind == "deletion")
        assert deleted.author.id == one.me.id


async def test_only_the_owner_sees_and_deletes(server: Server) -> None:
    async with guest(server) as flood:
        for command in (Purge(), Purge(address="127.0.0.1"), Purge(person="somebody")):
            assert (await flood.ask(command, Error)).code == "not_owner"


async def test_an_address_of_which_nothing_came_is_named(server: Server) -> None:
    async with window(server) as owner:
        refused = await owner.ask(Purge(address="192.0.2.1"), Error)
        assert (refused.code, "192.0.2.1" in refused.message) == ("invalid_frame", True)


async def test_the_owner_is_told_of_the_first_time_that_an_address_is_cut_off(server: Server, here: str) -> None:
    async with window(server) as owner:
        server.node.addresses.traces.note(here, "cut_off")
        told = await owner.hear(Notification)
        assert here in told.text
        assert "lanchat purge" in told.text
