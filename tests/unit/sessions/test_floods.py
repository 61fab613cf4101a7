"""What somebody can do who sends as fast as they can: each command in turn, against a real node."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lanchat.config import Config
from lanchat.journal import Draft
from lanchat.limits import COSTS, Limits, allowance
from lanchat.protocol import Author, Command, Done, Error, Join, Leave, Open, Opened, Post, Rename, You, guest_id
from lanchat.rooms.room import Room
from lanchat.sessions.commands import TABLE
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, Client, guest, link, serving, window
from tests.support.clock import Clock
from tests.support.commands import one_of_each
from tests.support.conditions import eventually
from tests.support.identity import signed

BURST = 12
LOW = msgspec.structs.replace(
    Limits(),
    **{f"{cost}_rate": 0.02 for cost in COSTS} | {f"{cost}_burst": float(BURST) for cost in COSTS},
    refusal_rate=0.02,
    refusal_burst=5.0,
    posts_unanswered=4,
    rooms_per_address=6,
    rooms_joined=5,
    members=4,
)
BY_TAG = {str(row.command.__struct_config__.tag): row for row in TABLE}


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(msgspec.structs.replace(config, limits=LOW)) as server:
        yield server


def example(room: str, tag: str) -> Command:
    """Return one command of that type."""
    commands = one_of_each(room, Author(id=guest_id("ada"), nick="Ada"), ELSEWHERE)
    return next(each for each in commands if each.__struct_config__.tag == tag)


async def refused(client: Client) -> Error:
    """Return the first frame that says to slow down."""
    return await client.hear(Error, lambda error: error.code == "slow_down")


@pytest.mark.parametrize("tag", sorted(BY_TAG))
async def test_a_command_at_full_speed_is_refused_and_then_the_connection_ends(server: Server, tag: str) -> None:
    async with guest(server) as flood, guest(server) as polite:
        room = await flood.enter("hall")
        other = await polite.enter("quiet")
        command = example(room, tag)
        for number in range(BURST + 8):
            with contextlib.suppress(ConnectionError):
                await flood.tell(_again(command, number))
        assert (error := await refused(flood)).retry
        assert error.message.startswith("Too many ")
        assert error.message.endswith(" seconds.")
        assert await flood.end() == 4029
        await polite.say(other, "still here")
        assert (await polite.said(other, 1))[0].body.text == "still here"


@pytest.mark.parametrize(
    "tag",
    sorted(
        set(BY_TAG) - {"presence", "receipts", "quorum", "hello", "cancel", "export", "import", "passphrase", "forget"}
    ),
)
async def test_the_owner_is_never_told_to_slow_down(server: Server, tag: str) -> None:
    async with window(server) as owner:
        room = await owner.enter("hall")
        command = example(room, tag)
        for number in range(3 * BURST):
            await owner.tell(_again(command, number))
        assert (await owner.ask(Open(room=room), Opened)).room.id == room
        assert not [reply for reply in owner.passed if isinstance(reply, Error) and reply.code == "slow_down"]


async def test_a_link_that_brings_an_outbox_is_made_to_wait_and_loses_nothing(config: Config) -> None:
    limits = msgspec.structs.replace(LOW, post_rate=100.0, post_burst=5.0, address_share=2)
    async with serving(msgspec.structs.replace(config, limits=limits)) as server, link(server, ELSEWHERE) as far:
        room = (await far.open("hall")).id
        await far.join(room)
        post = example(room, "post")
        for number in range(60):
            again = _again(post, number)
            assert isinstance(again, Post)
            await far.tell(signed(again))
        assert [event.seq for event in await far.said(room, 60)] == list(range(1, 61))
        assert not [reply for reply in far.passed if isinstance(reply, Error)]


async def test_a_refused_post_is_told_by_its_nonce_and_can_be_sent_again(server: Server) -> None:
    async with guest(server) as flood:
        room = await flood.enter("hall")
        for number in range(BURST + 1):
            await flood.say(room, f"post {number}")
        error = await refused(flood)
        assert (error.nonce, error.room) == (f"nonce of post {BURST}", room)
        assert len(await flood.said(room, BURST)) == BURST


async def test_another_address_has_its_own_allowance_and_another_connection_too(server: Server) -> None:
    async with guest(server) as one, guest(server) as two:
        for number in range(BURST + 1):
            await one.tell(Rename(nick=f"One {number}"))
        await refused(one)
        assert (await two.ask(Rename(nick="Two"), You)).you.nick == "Two"


async def test_rooms_that_one_address_makes_are_bounded_and_the_owner_still_makes_more(server: Server) -> None:
    async with guest(server) as flood:
        made = [await flood.open(f"room {number}") for number in range(LOW.rooms_per_address)]
        error = await flood.ask(Open(name="one more"), Error)
        assert (error.code, error.retry) == ("limit_reached", False)
        assert (await flood.open("room 0")).id == made[0].id
    async with guest(server) as again:
        assert (await again.ask(Open(name="one more"), Error)).code == "limit_reached"
    async with connect(f"{server.lan_url}ws/room/one%20more".replace("http", "ws")) as plain:
        assert "You have made 6 rooms" in str(await plain.recv())
    async with window(server) as owner:
        assert (await owner.open("one more")).name == "one more"


async def test_rooms_in_all_are_bounded_for_others(config: Config) -> None:
    limits = msgspec.structs.replace(LOW, rooms=3)
    async with serving(msgspec.structs.replace(config, limits=limits)) as server, guest(server) as flood:
        await eventually(lambda: len(server.node.rooms) > 0)
        answers = [await either(flood, f"room {number}") for number in range(5)]
        assert len(server.node.rooms) == 3
        assert answers.count(Error) >= 2


async def test_a_connection_is_in_so_many_rooms_and_not_in_more(server: Server) -> None:
    async with guest(server) as flood, window(server) as owner:
        rooms = [(await owner.open(f"room {number}")).id for number in range(LOW.rooms_joined + 1)]
        for room in rooms[:-1]:
            await flood.join(room)
        assert (await flood.ask(Join(room=rooms[-1]), Error)).code == "limit_reached"
        await flood.join(rooms[0])
        await flood.ask(Leave(room=rooms[0]), Done)
        await flood.join(rooms[-1])


async def test_a_full_room_takes_nobody_more_but_the_owner(server: Server) -> None:
    async with contextlib.AsyncExitStack() as stack:
        inside = [await stack.enter_async_context(guest(server)) for _ in range(LOW.members)]
        for each in inside:
            room = await each.enter("hall")
        late = await stack.enter_async_context(guest(server))
        assert (await late.ask(Join(room=room), Error)).code == "limit_reached"
        async with connect(f"{server.lan_url}ws/room/hall".replace("http", "ws")) as plain:
            assert "full" in str(await plain.recv())
        owner = await stack.enter_async_context(window(server))
        await owner.join(room)
        await inside[0].ask(Leave(room=room), Done)
        await inside[1].ask(Leave(room=room), Done)
        await late.join(room)


async def test_of_a_connection_at_full_speed_only_so_many_posts_wait_for_the_disk(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[asyncio.Future[Any]] = []

    def stuck(room: Room, draft: Draft, **_: object) -> asyncio.Future[Any]:
        taken.append(asyncio.get_running_loop().create_future())
        return taken[-1]

    async with window(server) as flood, guest(server) as polite:
        room = await flood.enter("hall")
        with monkeypatch.context() as patch:
            patch.setattr(Room, "post", stuck)
            for number in range(100):
                await flood.say(room, f"post {number}")
            await polite.open("hall")
            assert len(taken) == LOW.posts_unanswered
        for answer in taken:
            answer.cancel()
        assert len(await flood.said(room, 100 - LOW.posts_unanswered)) == 100 - LOW.posts_unanswered


async def test_lines_of_plain_text_at_full_speed_are_refused_and_then_the_connection_ends(server: Server) -> None:
    async with connect(f"{server.lan_url}ws/room/hall".replace("http", "ws")) as flood:
        heard = []
        with contextlib.suppress(ConnectionClosed):
            for number in range(BURST + 8):
                await flood.send(f"line {number}")
            while True:
                heard.append(str(await flood.recv()))
        assert flood.close_code == 4029
    assert [line for line in heard if line.startswith("⚠️ Too many posts; try again in ")]
    assert len([line for line in heard if line.startswith("💬")]) <= BURST


async def either(client: Client, name: str) -> type[Any]:
    """Open a room, and return of what kind the answer is."""
    await client.tell(Open(name=name, ref=1))
    return type(await client.hear(object, lambda reply: getattr(reply, "ref", 0) == 1))


def _again(command: Command, number: int) -> Command:
    """Return the same command, but for what tells posts apart."""
    return msgspec.structs.replace(command, nonce=f"nonce {number}") if isinstance(command, Post) else command


async def test_who_was_refused_is_read_again_after_a_while(
    server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "REFUSED", 60)
    monkeypatch.setattr(allowance, "MOST_REST", 60)
    async with guest(server) as flood, guest(server) as polite:
        room, other = await flood.enter("hall"), await polite.enter("quiet")
        await flood.tell(Post(room="0" * 32, nonce="nonce-nowhere", text="nowhere"))
        await flood.tell(Post(room=room, nonce="nonce-here", text="here"))
        assert (await flood.hear(Error)).code == "no_such_room"
        await polite.say(other, "still here")
        assert (await polite.said(other, 1))[0].body.text == "still here"
        assert server.node.journal.top(room) == 0
        clock.advance(60)
        assert (await flood.said(room, 1))[0].body.text == "here"
