"""What people have not read, at real nodes over real sockets: what they are told is what the journal has."""

import itertools
import random
from collections.abc import AsyncIterator, Awaitable

import pytest

from lanchat.config import Config
from lanchat.protocol import (
    QUIET_FOR_GOOD,
    Alert,
    Alerts,
    Arrange,
    Author,
    Done,
    Error,
    Event,
    Leave,
    Membership,
    Memberships,
    Post,
    Prefer,
    Read,
    ReadAll,
    Receipts,
)
from lanchat.web.server import Server
from tests.support.certificates import certified
from tests.support.clients import Client, guest, link, script, serving, window
from tests.support.conditions import eventually

ADA, BEN = "a" * 32, "b" * 32
"""Secrets of browsers."""


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def told(client: Client, room: str, unread: int, mentions: int = 0) -> Membership:
    """Wait until a client is told that so much is unread in a room."""

    def fits(frame: Memberships) -> bool:
        return any((each.room, each.unread, each.mentions) == (room, unread, mentions) for each in frame.rooms)

    frame = await client.hear(Memberships, fits)
    return next(each for each in frame.rooms if each.room == room)


async def whole(client: Client) -> dict[str, Membership]:
    """What a client is told when it comes."""
    frame = await client.hear(Memberships, lambda frame: frame.whole)
    return {each.room: each for each in frame.rooms}


async def test_two_windows_of_a_person_agree(server: Server) -> None:
    async with window(server) as first, window(server) as second, guest(server, "Ben") as ben:
        room = await first.enter("hall")
        await ben.enter("hall")
        await ben.say(room, "one")
        await ben.say(room, f"@{first.me.nick} two")
        await told(first, room, 2, 1)
        await told(second, room, 2, 1)  # without having joined it
        await first.tell(Read(room=room, seq=2))
        await told(second, room, 0)
        await first.tell(Read(room=room, seq=1, back=True))
        assert (await told(second, room, 1, 1)).read == 1
        await second.ask(ReadAll(), Done)
        await told(first, room, 0)


async def test_reading_back_does_not_unsay_that_it_was_read(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Ben") as ben:
        room = await ada.enter("hall")
        await ben.enter("hall")
        await ben.say(room, "one")
        await ben.said(room, 1)
        await ada.ask(Read(room=room, seq=1), Done)
        await ben.hear(Receipts, lambda receipts: (1, 1) in receipts.read)
        await ada.ask(Read(room=room, seq=0, back=True), Done)
        await told(ada, room, 1)
        assert server.node.rooms.get(room).receipts._read[ada.me.id] == 1


async def test_preferences_and_order_are_kept_over_a_restart(config: Config) -> None:
    async with serving(config) as server, window(server) as owner:
        rooms = [await owner.enter(name) for name in ("one", "two")]
        await owner.ask(Prefer(room=rooms[0], notices="nothing", favourite=True, view=3), Done)
        await owner.ask(Arrange(rooms=rooms[::-1]), Done)
    async with serving(config) as server, window(server) as owner:
        known = await whole(owner)
        assert known[rooms[0]] == Membership(room=rooms[0], read=0, notices="nothing", favourite=True, place=2, view=3)
        assert known[rooms[1]] == Membership(room=rooms[1], read=0, place=1)


async def test_a_guest_is_known_again_by_the_secret_of_their_browser(config: Config) -> None:
    async with serving(config) as server, guest(server, "Ada", ADA) as ada:
        room = await ada.enter("hall")
        await told(ada, room, 0)  # whoever goes before that was never there
    async with serving(config) as server:
        async with guest(server, "Ben", BEN) as ben:
            assert await whole(ben) == {}
            await ben.enter("hall")
            await ben.say(room, "good morning @Ada")
            await ben.said(room, 1)
        async with guest(server, "Ada", ADA) as ada:
            assert await whole(ada) == {room: Membership(room=room, read=0, unread=1, mentions=1)}


async def test_who_left_for_good_in_one_window_has_left_in_all(server: Server) -> None:
    async with window(server) as first, window(server) as second:
        room = await first.enter("hall")
        await second.enter("hall")
        await told(first, room, 0)
        await second.ask(Leave(room=room, for_good=True), Done)
        await first.hear(Memberships, lambda frame: room in frame.gone)
        await first.ask(Leave(room=room, for_good=True), Done)
        assert (await second.ask(Leave(room=room), Error)).code == "not_joined"
    async with window(server) as third:
        assert room not in await whole(third)


async def test_only_people_have_memberships(server: Server) -> None:
    async with script(server) as program, link(server, certified("far")) as far:
        room = await program.enter("hall")
        await far.join(await far.enter("hall"))
        assert (await program.ask(Prefer(room=room, favourite=True), Error)).code == "not_joined"
        await program.ask(Read(room=room, seq=0, back=True), Done)
        await program.heard_nothing(Memberships, room)
        await far.heard_nothing(Memberships, room)
        assert await server.node.journal.memberships.of_person(program.me.id) == []


async def test_a_day_of_three_people_in_five_rooms_and_the_morning_after(config: Config) -> None:
    """What each sees in the morning, without opening a room, is what the journal says is unread."""
    chance = random.Random(12)
    names = ["hall", "kitchen", "desk", "garden", "roof"]
    async with serving(config) as server:
        async with window(server) as ingrid, guest(server, "Ada", ADA) as ada, guest(server, "Ben", BEN) as ben:
            people = [ingrid, ada, ben]
            rooms = [await ingrid.enter(name) for name in names]
            for person, name in itertools.product((ada, ben), names):
                await person.enter(name)
            nicks = [person.me.nick for person in people]
            for _ in range(150):
                person, room = chance.choice(people), chance.choice(rooms)
                if chance.random() < 0.2:
                    top = server.node.rooms.get(room).top
                    await person.ask(Read(room=room, seq=chance.randint(0, top), back=chance.random() < 0.3), Done)
                    continue
                text = f"{chance.choice(['', '@'])}{chance.choice(nicks)} {chance.randrange(100)}"
                await person.ask(Post(room=room, nonce=f"{chance.random()}", text=text), Done)
            persons = [person.me for person in people]
        async with guest(server, "Ben", BEN) as ben:  # works at night, when nobody else is there
            for room in rooms[:3]:
                await ben.join(room)
                await ben.ask(Post(room=room, nonce=f"night {room}", text=f"@{nicks[0]} and @Ada: done"), Done)
    async with (
        serving(config) as server,
        window(server) as ingrid,
        guest(server, "Ada", ADA) as ada,
        guest(server, "Ben", BEN) as ben,
    ):
        for client, me in zip((ingrid, ada, ben), persons, strict=True):
            assert client.me == me
            known = await whole(client)
            assert set(known) == set(rooms)
            for room in rooms:
                events = await server.node.journal.after(room, known[room].read, 500)
                unread = [event for event in events if event.author.id != me.id]
                mentions = [event for event in unread if calls(event, me)]
                assert (known[room].unread, known[room].mentions) == (len(unread), len(mentions))
            if client is not ben:
                assert all(known[room].mentions for room in rooms[:3])


def calls(event: Event, person: Author) -> bool:
    return f"@{person.nick}" in event.body.text


async def test_a_message_that_is_deleted_is_not_unread_any_more(server: Server) -> None:
    async with window(server) as owner, guest(server, "Ben") as ben:
        room = await owner.enter("hall")
        await ben.enter("hall")
        await ben.ask(Post(room=room, nonce="slip", text="oops"), Done)
        await told(owner, room, 1)
        await ben.ask(Post(room=room, nonce="gone", kind="deletion", target="slip"), Done)
        await told(owner, room, 0)


async def test_how_far_somebody_has_read_is_on_the_disk_soon(server: Server) -> None:
    async with window(server) as owner, guest(server, "Ben") as ben:
        room = await owner.enter("hall")
        await ben.enter("hall")
        await ben.ask(Post(room=room, nonce="n", text="hello"), Done)
        await owner.ask(Read(room=room, seq=1), Done)

        async def kept() -> bool:
            records = await server.node.journal.memberships.of_person(owner.me.id)
            return [record.read for record in records if record.room == room] == [1]

        def check() -> bool | Awaitable[bool]:
            return kept()

        await eventually(check)


async def test_how_somebody_wants_to_be_told_holds_at_all_their_windows_and_for_nobody_else(config: Config) -> None:
    async with serving(config) as server, window(server) as first, window(server) as second, guest(server) as ben:
        await first.ask(Alert(quiet=QUIET_FOR_GOOD, sound=False), Done)
        for client in (first, second):
            assert (await client.hear(Alerts)) == Alerts(quiet=QUIET_FOR_GOOD, sound=False)
        room = await ben.enter("hall")
        await ben.heard_nothing(Alerts, room)
        await ben.ask(Alert(sound=False), Done)
        assert (await ben.hear(Alerts)) == Alerts(quiet=0, sound=False)
    async with serving(config) as again, window(again) as third:
        assert (await third.hear(Alerts)) == Alerts(quiet=QUIET_FOR_GOOD, sound=False)
