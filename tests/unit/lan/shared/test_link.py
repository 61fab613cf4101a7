"""A room that several nodes have through one Redis, and what is done to it there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lanchat.lan.shared import passing
from lanchat.lan.shared import stream as streams
from lanchat.lan.shared.entries import posted
from lanchat.lan.shared.link import SharedLink
from lanchat.protocol import Author, Event, Presence, encode, guest_id
from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.support.clients import Client, guest
from tests.support.conditions import eventually
from tests.support.identity import OTHER_SEAL
from tests.support.journal.contract import draft
from tests.support.redis.servers import RedisServer, in_thread
from tests.support.shared.nodes import company, said, shared_room

EVE = Author(id=guest_id("eve"), nick="Eve")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meetings are over soon."""
    monkeypatch.setattr(streams, "MEETING", 0.1)


@pytest.fixture
async def nodes(tmp_path: Path, server: RedisServer) -> AsyncIterator[list[Server]]:
    async with company(tmp_path, server, "ada", "bob") as nodes:
        yield nodes


def link(room: Room) -> SharedLink:
    return room._role._upstream  # type: ignore[attr-defined, no-any-return]


async def texts(client: Client, room: str, count: int) -> list[str]:
    return [event.body.text for event in await client.said(room, count)]


async def test_what_is_said_at_one_node_is_read_at_all(nodes: list[Server]) -> None:
    room, _ = await shared_room(nodes)
    async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
        await carl.join(room.id)
        await dora.join(room.id)
        await carl.say(room.id, "hello")
        await dora.say(room.id, "hi")
        read = [await texts(each, room.id, 2) for each in (carl, dora)]
    assert read[0] == read[1]
    assert set(read[0]) == {"hello", "hi"}


async def test_each_node_reads_once_for_what_is_said(
    nodes: list[Server], server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what waits here, nor what nodes tell each other and nobody keeps, nor a hint at what was read."""
    monkeypatch.setattr(passing, "LOOK", 3600.0)
    rooms = await shared_room(nodes)
    async with guest(nodes[0], "Carl") as carl:
        await carl.join(rooms[0].id)
        await carl.say(rooms[0].id, "first")
        await eventually(lambda: [each.top for each in rooms] == [1, 1])
        await eventually(lambda: not any(link(each)._hints.due(1) for each in rooms), what="nobody looks any more")
        server.ask("CONFIG", "RESETSTAT")
        for number in range(2, 6):
            await carl.say(rooms[0].id, str(number))
            await eventually(lambda number=number: [each.top for each in rooms] == [number, number])  # type: ignore[misc]
        assert server.ask("INFO", "commandstats")["cmdstat_xrange"]["calls"] == 2 * 4


async def test_who_is_there_is_known_at_all(nodes: list[Server]) -> None:
    room, other = await shared_room(nodes)
    async with guest(nodes[0], "Carl") as carl:
        await carl.join(room.id)
        await eventually(lambda: "Carl" in {each.nick for each in other.presence.people.everybody()})
    await eventually(lambda: "Carl" not in {each.nick for each in other.presence.people.everybody()})


async def test_without_redis_it_is_read_and_what_is_said_waits(tmp_path: Path, own_server: RedisServer) -> None:
    async with company(tmp_path, own_server, "ada", "bob") as nodes:
        rooms = await shared_room(nodes)
        room = rooms[0]
        async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
            await carl.join(room.id)
            await dora.join(room.id)
            await carl.say(room.id, "before")
            assert await texts(dora, room.id, 1) == ["before"]
            await in_thread(own_server.stop)
            await eventually(lambda: not any(each.info.online for each in rooms), what="Redis is away")
            await carl.say(room.id, "meanwhile")
            assert [event.body.text for event in (await dora.join(room.id)).events] == ["before"]
            await in_thread(own_server.start)
            assert await texts(dora, room.id, 1) == ["meanwhile"]
        await eventually(lambda: [each.top for each in rooms] == [2, 2])
        assert await said(nodes[0], rooms[0]) == await said(nodes[1], rooms[1])


def forged(server: RedisServer, room: str, number: int, **fields: Any) -> None:
    """Put something into the stream of a room as a node would, in Redis' own way."""
    key = f"lanchat:{{{room}}}:"
    words = posted(OTHER_SEAL.said(draft("x", "forged", EVE)))[-1]
    named = {"e": words, "n": f"forged {number}", "t": server.ask("HGET", key + "head", "term"), "a": 5, **fields}
    server.ask("XADD", key + "stream", f"{number}-0", *(part for pair in named.items() for part in pair))
    server.ask("HSET", key + "nonces", named["n"], f"{number} {EVE.id} ")
    server.ask("HSET", key + "head", "last", number, "kept", number)
    server.ask("PUBLISH", key + "topic", "wake")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="unsigned"),
        pytest.param({"e": b"\x80\x04\x95"}, id="pickle"),
        pytest.param({"t": 10**9}, id="another term"),
        pytest.param({"n": "honest"}, id="replayed"),
    ],
)
async def test_what_no_node_wrote_is_taken_out_and_shown_to_nobody(
    nodes: list[Server], server: RedisServer, fields: dict[str, Any]
) -> None:
    rooms = await shared_room(nodes)
    room = rooms[0]
    async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
        await carl.join(room.id)
        await dora.join(room.id)
        await carl.say(room.id, "a", nonce="honest")
        assert await texts(dora, room.id, 1) == ["a"]
        await asyncio.to_thread(forged, server, room.id, 2, **fields)
        await carl.say(room.id, "b")
        assert await texts(dora, room.id, 1) == ["b"]
        await eventually(lambda: [each.top for each in rooms] == [2, 2], what="both go on")
        assert [event.body.text for event in await said(nodes[0], rooms[0])] == ["a", "b"]
        assert await said(nodes[0], rooms[0]) == await said(nodes[1], rooms[1])


async def test_what_is_sent_to_the_topic_is_only_a_hint(nodes: list[Server], server: RedisServer) -> None:
    rooms = await shared_room(nodes)
    room = rooms[0]
    stranger = nodes[0].node.info.__class__(id="stranger", name="Stranger")
    lies = [
        b"",
        b"\x80\x04\x95",
        b"stranger " + b"[" * 10_000,
        b"stranger " + encode(Presence(room="another", node=stranger, members=[EVE])),
        b"stranger "
        + encode(Event(room=room.id, seq=9, term=1, nonce="n", author=EVE, at=1, kind="message", body=draft("x").body)),
        b'stranger {"type":"moved","room":"' + room.id.encode() + b'","to":{}}',
        b'stranger {"type":"error","code":"no_such_room","message":"x"}',
    ]
    async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
        await carl.join(room.id)
        await dora.join(room.id)
        for lie in lies:
            server.ask("PUBLISH", f"lanchat:{{{room.id}}}:topic", lie)
        await carl.say(room.id, "a")
        assert await texts(dora, room.id, 1) == ["a"]
        assert all(each.info.online for each in rooms)
        assert "Eve" not in {each.nick for each in rooms[1].presence.people.everybody()}


async def test_the_room_says_what_a_crash_could_take(nodes: list[Server], server: RedisServer) -> None:
    """This Redis writes nothing to its disk."""
    room, _ = await shared_room(nodes)
    await eventually(lambda: room.info.may_lose)
    assert b'"may_lose":true' in msgspec.json.encode(room.info)
