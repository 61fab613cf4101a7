"""One room in Redis: the contract of journals, meetings and refills, and what others put under its keys."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from lanchat.errors import InvalidFrame
from lanchat.journal import Draft
from lanchat.lan.shared import stream as streams
from lanchat.lan.shared.durability import Durability
from lanchat.lan.shared.entries import event_of
from lanchat.lan.shared.stream import Meeting, RoomStream, Ways
from lanchat.layers import LayerError
from lanchat.layers.redis import deployment_of
from lanchat.layers.redis.connection import Pipeline, servers_of
from lanchat.protocol import Event, Rule, write_rule
from tests.support.conditions import eventually
from tests.support.journal.contract import ROOM, JournalContract, draft
from tests.support.redis.cluster import RedisCluster
from tests.support.redis.servers import RedisServer, Valkey, in_thread

RULE = write_rule(Rule(change="topic", text="Weather"))
KEY = f"lanchat:{{{ROOM}}}:"


class InRedis:
    """A stream as the contract of journals sees it."""

    def __init__(self, stream: RoomStream) -> None:
        self._stream = stream

    async def say(self, *drafts: Draft) -> list[str]:
        return list((await self._stream.post(1, 0, drafts)).results)

    async def events(self, after: int = 0, limit: int = 100) -> list[Event]:
        return [event_of(each, ROOM, "") for each in (await self._stream.view(after, limit)).entries]

    async def keep(self, most: int) -> int:
        self._stream._most = most
        await self.say(draft("one more"))
        self._stream._most = 0
        return (await self._stream.view(0, 1)).oldest


class TestContract(JournalContract):
    @pytest.fixture
    def journal(self, stream: RoomStream) -> InRedis:
        return InRedis(stream)


class TestContractWhereADiskIsWaitedFor(JournalContract):
    """Whoever asks is answered by the server before its disk has it."""

    @pytest.fixture
    async def journal(self, valkey: RedisServer) -> AsyncIterator[InRedis]:
        valkey.ask("FLUSHALL")
        pipeline = Pipeline(servers_of([("127.0.0.1", valkey.port)], 5)[0])
        stream = RoomStream(Ways(pipeline, pipeline), "lanchat", ROOM, Durability(certain=True, waits=True))
        await stream.found()
        yield InRedis(stream)
        await pipeline.close()


class TestContractInACluster(JournalContract):
    """All keys of a room are in one slot, so what is done in one piece on one server is so here."""

    @pytest.fixture
    async def journal(self, cluster: RedisCluster) -> AsyncIterator[InRedis]:
        deployment = deployment_of(cluster.url, 5)
        ways = Ways(deployment.way(), deployment.way())
        stream = RoomStream(ways, "lanchat", ROOM, Durability(certain=True))
        await stream.found()
        yield InRedis(stream)
        for way in ways:
            await way.close()


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = Valkey(tmp_path_factory.mktemp("valkey"), "appendonly yes", "appendfsync always")
    server.start()
    yield server
    server.stop()


async def test_what_too_few_disks_have_is_not_taken(valkey: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """This server has no replica."""
    monkeypatch.setattr(streams, "_WAITED", 50)
    valkey.ask("FLUSHALL")
    pipeline = Pipeline(servers_of([("127.0.0.1", valkey.port)], 5)[0])
    stream = RoomStream(Ways(pipeline, pipeline), "lanchat", ROOM, Durability(certain=True, waits=True, replicas=1))
    await stream.found()
    with pytest.raises(LayerError, match="enough disks"):
        await stream.post(1, 0, [draft("n")])
    assert (await stream.view(0, 10)).kept == 0
    stream.durability.replicas = 0
    assert (await stream.post(1, 0, [draft("n")])).results == ["known"]
    assert (await stream.view(0, 10)).kept == 0, "who wrote nothing has waited for no disk"
    await stream.confirm(1, 1)
    assert [each.nonce for each in (await stream.view(0, 10)).entries] == ["n"]
    await pipeline.close()


async def opened(stream: RoomStream, events: list[Event], term: int = 1) -> Meeting:
    """One node says what it has, until the meeting is over."""
    last = events[-1] if events else None

    met: list[Meeting] = []

    async def over() -> Any:
        met.append(await stream.meet("node", term, last))
        return met[-1].state != "meet"

    await eventually(over, what="the meeting is over")
    return met[-1]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meetings are over soon."""
    monkeypatch.setattr(streams, "MEETING", 0.05)


async def said(stream: RoomStream, count: int) -> list[Event]:
    await stream.post(1, 0, [draft(f"n{number}", str(number)) for number in range(count)])
    return [event_of(each, ROOM, "") for each in (await stream.view(0, 1000)).entries]


async def test_a_stream_that_is_gone_is_noticed_by_who_lacks_something(stream: RoomStream, server: RedisServer) -> None:
    await said(stream, 3)
    assert [(await stream.view(after, 10)).lacking for after in (0, 3)] == [False, False]
    server.ask("DEL", f"lanchat:{{{ROOM}}}:stream")
    assert [(await stream.view(after, 10)).lacking for after in (0, 2, 3)] == [True, True, False]


async def test_what_is_lost_is_brought_back_under_a_higher_term(stream: RoomStream, server: RedisServer) -> None:
    events = await said(stream, 5)
    server.ask("FLUSHALL")
    assert (await stream.post(1, 0, [draft("x")])).state == "meet"
    assert (await stream.view(0, 10)).state == "gone"
    meeting = await opened(stream, events)
    assert (meeting.state, meeting.filler, meeting.last) == ("fill", "node", 0)
    assert (await stream.post(meeting.term, 0, [draft("x")])).state == "meet"
    assert await stream.fill("node", meeting.term, 1, events[:3], final=False)
    assert await stream.fill("node", meeting.term, 4, events[3:], final=True)
    view = await stream.view(0, 10)
    assert [event_of(each, ROOM, "") for each in view.entries] == events
    assert (view.state, view.term > 1) == ("open", True)
    assert (await stream.post(1, 0, [draft("x")])).state == "term"
    assert (await stream.post(view.term, 0, [draft("n0"), draft("x")])).results == ["known", "kept"]


async def test_who_has_most_fills(stream: RoomStream, server: RedisServer) -> None:
    events = await said(stream, 5)
    server.ask("FLUSHALL")
    await asyncio.gather(
        stream.meet("less", 7, events[2]), stream.meet("most", 1, events[4]), stream.meet("new", 1, None)
    )
    meeting = await opened(stream, [])
    assert meeting.filler == "most"
    assert meeting.term > 7
    assert not await stream.fill("less", meeting.term, 1, events[:3], final=True)
    assert not await stream.fill("most", meeting.term - 1, 1, events, final=True)
    assert await stream.fill("most", meeting.term, 2, events[1:], final=False)


async def test_parted_servers_do_not_number_under_the_same_term(stream: RoomStream, server: RedisServer) -> None:
    """Each meets with nodes that know the same, and cannot know of the other."""
    terms = []
    for _ in range(2):
        server.ask("FLUSHALL")
        terms.append((await opened(stream, [], term=7)).term)
    assert terms[0] != terms[1]
    assert terms[0] >> 16 == terms[1] >> 16 > 0


async def test_a_filler_that_is_gone_is_replaced(
    stream: RoomStream, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = await said(stream, 2)
    server.ask("FLUSHALL")
    monkeypatch.setattr(streams, "PATIENCE", 0.05)
    await stream.meet("gone", 1, events[1])
    assert (await opened(stream, [])).filler == "gone"

    async def replaced() -> Any:
        return (await stream.meet("node", 1, events[0])).filler == "node"

    await eventually(replaced, what="another node fills")


async def test_a_server_that_was_started_again_is_met_first(own_server: RedisServer) -> None:
    """It may have lost the last of what it acknowledged, and cannot know."""
    pipeline = Pipeline(servers_of([("127.0.0.1", own_server.port)], 5)[0])
    stream = RoomStream(Ways(pipeline, pipeline), "lanchat", ROOM, Durability(certain=True))
    await stream.found()
    events = await said(stream, 3)
    own_server.ask("CONFIG", "SET", "save", "900 1")
    own_server.ask("SAVE")
    await stream.post(1, 0, [draft("unsaved")])
    late = event_of((await stream.view(3, 1)).entries[0], ROOM, "")
    await in_thread(own_server.restart)
    await eventually(lambda: asks_for_a_meeting(stream), what="Redis is back")
    meeting = await opened(stream, [*events, late])
    assert (meeting.state, meeting.last) == ("fill", 3)
    assert await stream.fill("node", meeting.term, 4, [late], final=True)
    assert [each.nonce for each in (await stream.view(0, 10)).entries] == ["n0", "n1", "n2", "unsaved"]
    await pipeline.close()


async def asks_for_a_meeting(stream: RoomStream) -> Any:
    try:
        return (await stream.post(1, 0, [draft("again")])).state == "meet"
    except LayerError:
        return False


@pytest.mark.parametrize(
    "damage",
    [
        ("XADD", KEY + "stream", "9-0", "e", "{}"),
        ("XDEL", KEY + "stream", "2-0"),
        ("DEL", KEY + "stream"),
        ("DEL", KEY + "nonces"),
        ("HSET", KEY + "nonces", "foreign", "7 x"),
        ("HSET", KEY + "head", "last", "2"),
        ("SET", KEY + "rules", "x"),
    ],
    ids=lambda command: " ".join(command[:1]) + command[1].rpartition(":")[2],
)
async def test_a_room_that_is_not_whole_is_not_numbered(
    stream: RoomStream, server: RedisServer, damage: tuple[str, ...]
) -> None:
    """As where Redis removes what it likes when its memory is full."""
    events = await said(stream, 3)
    server.ask(*damage)
    if damage[0] == "SET":
        with pytest.raises(LayerError, match="WRONGTYPE"):
            await stream.post(1, 0, [draft("x")])
        with pytest.raises(LayerError, match="WRONGTYPE"):
            await stream.meet("node", 1, events[-1])
        assert server.ask("GET", KEY + "rules") == b"x"  # it is somebody's
        return
    assert (await stream.post(1, 0, [draft("x")])).state == "meet"
    meeting = await opened(stream, events)
    assert await stream.fill("node", meeting.term, 1, events, final=True)
    assert (await stream.post(meeting.term, 0, [draft("x")])).results == ["kept"]
    assert [each.nonce for each in (await stream.view(0, 10)).entries] == ["n0", "n1", "n2", "x"]


async def test_a_full_memory_keeps_all_or_nothing(stream: RoomStream, server: RedisServer) -> None:
    await said(stream, 3)
    server.ask("CONFIG", "SET", "maxmemory", "1mb")
    try:
        with pytest.raises(LayerError, match="maxmemory"):
            await stream.post(1, 0, [draft("x"), draft("y")])
        assert (await stream.view(0, 10)).last == 3
    finally:
        server.ask("CONFIG", "SET", "maxmemory", "0")
    assert (await stream.post(1, 0, [draft("x"), draft("y")])).results == ["kept", "kept"]


async def test_rules_are_judged_by_those_that_were_said_before(stream: RoomStream) -> None:
    assert (await stream.post(1, 0, [draft("rule", RULE, kind="rule"), draft("n")])).results == ["kept", "rule"]
    assert (await stream.post(1, 0, [draft("n")])).results == ["rule"]
    assert (await stream.post(1, 1, [draft("n"), draft("rule")])).results == ["kept", "known"]


async def test_rules_outlast_what_goes(stream: RoomStream, server: RedisServer) -> None:
    await stream.post(1, 0, [draft("rule", RULE, kind="rule")])
    stream._most = 10
    await stream.post(1, 1, [draft(f"n{number}") for number in range(200)])
    assert (await stream.view(0, 1)).oldest > 1
    (rule,) = await stream.rules()
    assert (rule.seq, rule.nonce) == (1, "rule")
    events = [event_of(each, ROOM, "") for each in (await stream.view(0, 500)).entries]
    server.ask("FLUSHALL")
    meeting = await opened(stream, events)
    assert await stream.recall("node", meeting.term, [event_of(rule, ROOM, "")])
    assert await stream.fill("node", meeting.term, events[0].seq, events, final=True)
    assert (await stream.rules()) == [rule]
    assert (await stream.post(meeting.term, 1, [draft("more")])).results == ["kept"]
    assert (await stream.view(0, 1)).oldest == events[0].seq


async def test_what_is_not_confirmed_is_not_taken(stream: RoomStream) -> None:
    """Where Redis answers before its disk has it, nobody is shown anything before."""
    waiting = replace(stream.durability, waits=True)
    stream.durability = waiting
    with pytest.raises(LayerError):  # this server cannot wait
        await stream.post(1, 0, [draft("n")])
    view = await stream.view(0, 10)
    assert (view.last, view.kept, list(view.entries)) == (1, 0, [])
    stream.durability = replace(waiting, waits=False)
    await stream.confirm(1, 1)
    assert [each.nonce for each in (await stream.view(0, 10)).entries] == ["n"]


@pytest.mark.parametrize(
    "head",
    [("state", "elsewhere"), ("term", "x"), ("kept", "-4"), ("oldest", "99999999999999999999")],
)
async def test_a_head_that_no_node_wrote_is_refused(
    stream: RoomStream, server: RedisServer, head: tuple[str, str]
) -> None:
    server.ask("HSET", KEY + "head", *head)
    with pytest.raises(InvalidFrame):
        await stream.view(0, 10)


async def test_a_room_that_is_there_is_not_begun_again(stream: RoomStream) -> None:
    await said(stream, 2)
    await stream.found()
    assert (await stream.view(0, 10)).last == 2
