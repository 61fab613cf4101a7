"""Rooms that go into a Redis and come out of it again while people talk in them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from lanchat.archive import Job
from lanchat.config import HERE, redis_place
from lanchat.errors import CannotMove, DiskFull, InvalidSetting
from lanchat.lan.directory import moving
from lanchat.lan.shared.moves import Departure, Passage, RoomHome
from lanchat.limits import Limits
from lanchat.protocol import Event, Rule, StartOver
from lanchat.rooms import Room, declare, succession
from lanchat.web.server import Server
from tests.support.clients import Client, guest, serving
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, in_thread
from tests.support.rooms.far import mirror
from tests.support.shared.nodes import company, problem, said, shared_room, sharing

PATIENT = Limits(
    post_rate=10_000,
    post_burst=10_000,
    room_post_rate=10_000,
    room_post_burst=10_000,
    vote_after=0.001,
    vote_after_silence=0.001,
)
"""What is tried is that nothing is lost, and not how much one may say, or who may vote."""


async def home_room(server: Server, name: str = "Harbour") -> Room:
    """Return a room that has its home at a node, although the node shares a Redis: it was there before."""
    return await server.node.rooms.settle(succession.found(name, server.node.info, server.node.me.id))


async def moved(server: Server, room: Room, to: str) -> Job:
    """Move a room, and wait until that has ended."""
    jobs: list[Job] = []
    job = server.node.moves.begin(room, to, "test", jobs.append)
    await eventually(lambda: job.ended, what="the move has ended")
    return job


async def into(server: Server, room: Room, redis: RedisServer) -> Job:
    await eventually(lambda: not problem(server), what="Redis is there")
    return await moved(server, room, redis_place(redis.url))


def texts(events: Sequence[Event]) -> list[str]:
    return [event.body.text for event in events if event.kind == "message"]


@pytest.fixture
async def ada(tmp_path: Path, server: RedisServer) -> AsyncIterator[Server]:
    async with company(tmp_path, server, "ada", limits=PATIENT) as (ada,):
        yield ada


async def test_a_room_goes_in_and_out_while_people_talk(tmp_path: Path, server: RedisServer, ada: Server) -> None:
    room = await home_room(ada)
    await declare(room, ada.node.owner, Rule(change="topic", text="Boats"))
    async with guest(ada, "Carl") as carl, guest(ada, "Dora") as dora:
        await carl.join(room.id)
        await dora.join(room.id)
        for number in range(450):
            await carl.say(room.id, str(number))
        before = await carl.said(room.id, 450)
        enough = asyncio.Event()
        talking = asyncio.create_task(chatter(dora, room.id, enough))
        job = await into(ada, room, server)
        assert job.state == "done", job.text
        assert job.done == job.total >= 451
        await eventually(lambda: room.kind == "mirror" and room.info.online, what="Redis numbers")
        async with company(tmp_path, server, "bob", limits=PATIENT) as (bob,):
            await eventually(lambda: room.id in bob.node.rooms and bob.node.rooms.get(room.id).info.online)
            there = bob.node.rooms.get(room.id)
            async with guest(bob, "Eve") as eve:
                await eve.join(room.id)
                await eve.say(room.id, "from afar")
                await carl.hear(Event, lambda event: event.body.text == "from afar")
                job = await moved(ada, room, HERE)
                assert job.state == "done", job.text
                assert room.kind == "home"
                await eve.say(room.id, "and again")
                await carl.hear(Event, lambda event: event.body.text == "and again")
                await eventually(lambda: there.record.home == ada.node.info and there.info.online)
            enough.set()
            meanwhile = await talking
            await eventually(lambda: there.top == room.top)
            history = await said(ada, room)
            assert bare(await said(bob, there)) == bare(history)
        assert bare(history[1:451]) == bare(before)
        heard = [text for text in texts(history) if text.startswith("meanwhile")]
        assert heard == [f"meanwhile {number}" for number in range(meanwhile)] != []
        assert [event.seq for event in history] == list(range(1, len(history) + 1))
        assert len({event.nonce for event in history}) == len(history)
        assert await ada.node.journal.outbox(room.id) == []
        await carl.heard_nothing(StartOver, room.id)
    keys = server.ask("KEYS", f"lanchat:{{{room.id}}}:*")
    assert keys == [f"lanchat:{{{room.id}}}:head".encode()]
    assert server.ask("HGET", "lanchat:{rooms}:list", room.id) is None


def votes(room: Room) -> int:
    """Return how many decide who numbers a room, as its node knows it."""
    return len(room.seat.voters) if room.seat is not None else 0


def people(room: Room) -> set[str]:
    return {each.nick for each in room.presence.people.everybody()}


def bare(events: Sequence[Event]) -> list[Event]:
    """Return events without what shows who said them: a node signs what its own people said when it leaves."""
    return [replace(event, signature="", voucher="") for event in events]


async def chatter(client: Client, room: str, enough: asyncio.Event) -> int:
    """Say one thing after the other, each once the one before is heard, and return how many.

    It ends with nothing on its way, so that what is compared afterwards stands still.
    """
    number = 0
    while not enough.is_set():
        await client.say(room, f"meanwhile {number}")
        await client.hear(Event, lambda event: event.body.text == f"meanwhile {number}")  # noqa: B023 - heard in this turn
        number += 1
    return number


async def test_what_is_refused_leaves_the_room_where_it_is(
    tmp_path: Path, server: RedisServer, ada: Server, own_server: RedisServer
) -> None:
    room, here = await home_room(ada), redis_place(server.url)
    await eventually(lambda: not problem(ada), what="Redis is there")
    begin = ada.node.moves.begin
    async with guest(ada, "Carl") as carl:
        await carl.join(room.id)
        await carl.say(room.id, "hello")
        await carl.said(room.id, 1)
    with pytest.raises(CannotMove, match="has its home here already"):
        begin(room, HERE, "test", ignore)
    with pytest.raises(CannotMove, match="a node shares one only"):
        begin(room, redis_place(own_server.url), "test", ignore)
    with pytest.raises(InvalidSetting, match="redis://HOST:PORT"):
        begin(room, "http://127.0.0.1/", "test", ignore)
    assert room.seat is not None
    room.seat.numbering = False
    with pytest.raises(CannotMove, match="Too many of the machines that decide"):
        begin(room, here, "test", ignore)
    room.seat.numbering = True
    locked = await home_room(ada, "Locked")
    await ada.node.doors.put_key(locked.id, bytes(32))
    await declare(locked, ada.node.owner, Rule(change="door", door="passphrase"))
    with pytest.raises(CannotMove, match="cannot have a passphrase"):
        begin(locked, here, "test", ignore)
    shared = await ada.node.rooms.open("Shared")
    with pytest.raises(CannotMove, match="in this Redis already"):
        begin(shared, here, "test", ignore)
    ada.node.moves._moving.add(room.id)
    assert "is being moved already" in (await moved(ada, room, here)).text
    ada.node.moves._moving.clear()
    server.ask("HSET", f"lanchat:{{{room.id}}}:head", "term", 1, "state", "open")
    assert "numbers a room of that id already" in (await moved(ada, room, here)).text
    server.ask("HSET", f"lanchat:{{{room.id}}}:head", "term", 7, "state", "moved")
    assert "a later home" in (await moved(ada, room, here)).text
    assert (room.kind, room.info.online, room.term, room.top) == ("home", True, 1, 1)


def ignore(_job: Job) -> None:
    """Nobody is told."""


async def test_a_node_without_a_redis_names_the_option(tmp_path: Path) -> None:
    async with serving(sharing(tmp_path, "ada", "")) as ada:
        room = await ada.node.rooms.open("Harbour")
        with pytest.raises(CannotMove, match=r"start it with --redis redis://127\.0\.0\.1:6379/0"):
            ada.node.moves.begin(room, "redis://127.0.0.1", "test", ignore)


async def test_a_redis_that_is_away_or_lets_nobody_in_is_named(tmp_path: Path, own_server: RedisServer) -> None:
    own_server.ask("ACL", "SETUSER", "default", ">right")
    url = own_server.url.replace("//", "//default:wrong@")
    async with serving(sharing(tmp_path, "ada", url)) as ada:
        room = await home_room(ada)
        await eventually(lambda: "lets nobody in" in problem(ada))
        job = await moved(ada, room, redis_place(url))
        assert "lets nobody in by this name and password" in job.text
        assert "wrong" not in job.text
        await in_thread(own_server.stop)
        await eventually(lambda: "cannot be reached" in problem(ada))
        assert "cannot be reached now" in (await moved(ada, room, redis_place(url))).text
        assert (room.kind, room.info.online) == ("home", True)


async def test_the_redis_of_other_nodes_is_named(tmp_path: Path, server: RedisServer, own_server: RedisServer) -> None:
    for name, redis in (("ada", server), ("bob", own_server)):
        async with company(tmp_path, redis, name) as (node,):
            (shared,) = await shared_room([node])
            async with guest(node, "Carl") as carl:
                await carl.join(shared.id)
                await carl.say(shared.id, "ours")
                await carl.said(shared.id, 1)
            lasts = b'"new":false'
            await eventually(lambda: lasts in redis.ask("GET", "lanchat:{rooms}:cluster"))  # noqa: B023 - in this turn
    async with serving(sharing(tmp_path, "bob", server.url)) as bob:
        room = await home_room(bob, "Attic")
        await eventually(lambda: "shared by other nodes" in problem(bob))
        job = await moved(bob, room, redis_place(server.url))
        assert "give one of the two groups another redis_prefix" in job.text
        assert (job.state, room.kind) == ("failed", "home")


async def test_a_room_that_is_deleted_while_it_moves_is_gone_everywhere(
    tmp_path: Path, server: RedisServer, ada: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await home_room(ada)
    async with guest(ada, "Carl") as carl:
        await carl.join(room.id)
        await carl.say(room.id, "hello")
        await carl.said(room.id, 1)
    bring = Passage.bring

    async def delete(passage: Passage) -> bool:
        more = await bring(passage)
        await ada.node.rooms.forget(room)
        return more

    monkeypatch.setattr(Passage, "bring", delete)
    job = await into(ada, room, server)
    assert (job.state, job.text) == ("failed", "The room was deleted while it moved."), job.text
    assert server.ask("KEYS", f"lanchat:{{{room.id}}}:*") == []
    assert room.id not in ada.node.rooms


async def test_redis_that_goes_in_the_middle_leaves_the_room_where_it_is(
    tmp_path: Path, own_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is emptied, or gone; afterwards it moves."""
    async with company(tmp_path, own_server, "ada", limits=PATIENT) as (ada,):
        room = await home_room(ada)
        async with guest(ada, "Carl") as carl:
            await carl.join(room.id)
            for number in range(450):
                await carl.say(room.id, str(number))
            await carl.said(room.id, 450)
            monkeypatch.setattr(moving, "ATTEMPTS", 2)
            monkeypatch.setattr(moving, "PATIENCE", 0.1)
            monkeypatch.setattr(moving, "_PAUSE", 0.1)
            bring = Passage.bring
            for happens, sentence in ((lambda: own_server.ask("FLUSHALL"), "has lost"), (own_server.stop, "cannot be")):

                async def cut(passage: Passage) -> bool:
                    if passage.brought:
                        await in_thread(happens)  # noqa: B023 - it is called in this turn
                    return await bring(passage)

                monkeypatch.setattr(Passage, "bring", cut)
                job = await into(ada, room, own_server)
                assert job.state == "failed"
                assert sentence in job.text
                assert room.kind == "home"
                await carl.say(room.id, sentence)
                await carl.said(room.id, 1)
            monkeypatch.setattr(Passage, "bring", bring)
            await in_thread(own_server.start)
            await eventually(lambda: not problem(ada), what="Redis is there")
            assert (await into(ada, room, own_server)).state == "done"
            await eventually(lambda: room.info.online)
            await carl.say(room.id, "there")
            await carl.said(room.id, 1)
        assert [event.seq for event in await said(ada, room)] == list(range(1, 454))


async def test_a_redis_that_is_there_again_in_a_moment_is_waited_for(
    tmp_path: Path, own_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of the way in, and when it is to let go of the room."""
    async with company(tmp_path, own_server, "ada", limits=PATIENT) as (ada,):
        room = await home_room(ada)
        async with guest(ada, "Carl") as carl:
            await carl.join(room.id)
            await carl.say(room.id, "hello")
            await carl.said(room.id, 1)
            with monkeypatch.context() as patched:
                times = iter([lambda: own_server.ask("FLUSHALL"), own_server.restart])
                bring, release = Passage.bring, Departure.release

                async def cut(passage: Passage) -> bool:
                    for happens in times:
                        await in_thread(happens)
                        break
                    return await bring(passage)

                patched.setattr(Passage, "bring", cut)
                job = await into(ada, room, own_server)
                assert (job.state, next(times, None)) == ("done", None), job.text
                await eventually(lambda: room.info.online)
                again = iter([own_server.restart])

                async def forget(departure: Departure, term: int, home: RoomHome) -> None:
                    for happens in again:
                        await in_thread(happens)
                    await release(departure, term, home)

                patched.setattr(Departure, "release", forget)
                job = await moved(ada, room, HERE)
                assert (job.state, room.kind) == ("done", "home"), job.text
            await carl.say(room.id, "there")
            await carl.said(room.id, 1)
        assert texts(await said(ada, room)) == ["hello", "there"]


async def test_a_move_out_that_is_cancelled_too_late_says_where_the_room_is(
    tmp_path: Path, server: RedisServer, ada: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await home_room(ada)
    assert (await into(ada, room, server)).state == "done"
    await eventually(lambda: room.info.online)
    jobs: list[Job] = []
    release = Departure.release

    async def late(departure: Departure, term: int, home: RoomHome) -> None:
        await release(departure, term, home)
        jobs[0].cancel()

    monkeypatch.setattr(Departure, "release", late)
    job = ada.node.moves.begin(room, HERE, "test", jobs.append)
    await eventually(lambda: job.ended)
    assert job.state == "cancelled" or room.kind == "home"
    assert "has left Redis" in job.text or job.state == "done"
    await eventually(lambda: room.kind == "home")


async def test_a_full_disk_leaves_the_room_where_it_is(
    tmp_path: Path, server: RedisServer, ada: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await home_room(ada)
    with monkeypatch.context() as patched:

        async def full(_record: object) -> None:
            raise DiskFull

        patched.setattr(ada.node.journal.ledgers, "leave", full)
        job = await into(ada, room, server)
    assert job.state == "failed"
    assert room.kind == "home"
    async with guest(ada, "Carl") as carl:
        await carl.join(room.id)
        await carl.say(room.id, "hello")
        await carl.said(room.id, 1)
    assert server.ask("KEYS", f"lanchat:{{{room.id}}}:*") == []


async def test_a_mirror_that_does_not_share_the_redis_goes_on_through_the_node_that_does(
    tmp_path: Path, server: RedisServer, ada: Server
) -> None:
    room = await home_room(ada)
    async with serving(sharing(tmp_path, "max", "", limits=PATIENT)) as far:
        copy = await mirror(far, ada, room.id)
        await eventually(lambda: copy.info.online)
        async with guest(ada, "Carl") as carl, guest(far, "Dora") as dora:
            await carl.join(room.id)
            await dora.join(room.id)
            await dora.say(room.id, "before")
            await carl.said(room.id, 1)
            await eventually(lambda: votes(room) == votes(copy) == 2, what="both decide")
            assert (await into(ada, room, server)).state == "done"
            await dora.say(room.id, "through")
            await carl.hear(Event, lambda event: event.body.text == "through")
            await carl.say(room.id, "back")
            await dora.hear(Event, lambda event: event.body.text == "back")
            assert copy.info.shared
            assert (room.seat, votes(copy)) == (None, 1), "it could elect otherwise"
            async with company(tmp_path, server, "bob", limits=PATIENT) as (bob,), guest(bob, "Eve") as eve:
                await eventually(lambda: room.id in bob.node.rooms and bob.node.rooms.get(room.id).info.online)
                await eve.join(room.id)
                await eventually(lambda: {"Dora", "Carl"} <= people(bob.node.rooms.get(room.id)))
                await eventually(lambda: {"Eve", "Carl"} <= people(copy))
                await dora.say(room.id, "to all")
                await eve.hear(Event, lambda event: event.body.text == "to all")
            assert (await moved(ada, room, HERE)).state == "done"
            await dora.say(room.id, "again")
            await carl.hear(Event, lambda event: event.body.text == "again")
            await carl.say(room.id, "and back")
            await dora.hear(Event, lambda event: event.body.text == "and back")
            await eventually(lambda: not copy.info.shared)
            await dora.heard_nothing(StartOver, room.id)
        assert bare(await said(far, copy)) == bare(await said(ada, room))
        with pytest.raises(CannotMove, match="has its home at ada"):
            far.node.moves.begin(copy, HERE, "test", ignore)
