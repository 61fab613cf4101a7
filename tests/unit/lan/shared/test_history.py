"""Histories that part and meet, and what is older than what Redis keeps."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from lanchat.journal import Draft
from lanchat.lan.directory import sharing
from lanchat.lan.shared import stream as streams
from lanchat.lan.shared.durability import Durability
from lanchat.lan.shared.stream import RoomStream, Ways
from lanchat.layers.redis.connection import Pipeline
from lanchat.protocol import Body, Rule
from lanchat.rooms import Room, declare
from lanchat.web.server import Server
from tests.support.clients import guest, script
from tests.support.conditions import eventually
from tests.support.faults import lasting
from tests.support.identity import MAX, OTHER_SEAL
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import company, said, shared_room


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meetings are over soon."""
    monkeypatch.setattr(streams, "MEETING", 0.1)


async def say(server: Server, room: Room, *texts: str) -> None:
    top = room.top
    async with script(server) as client:
        await client.join(room.id)
        for text in texts:
            await client.say(room.id, text)
        await eventually(lambda: room.top == top + len(texts), what="it is kept")


async def test_what_was_said_apart_is_joined(tmp_path: Path, server: RedisServer) -> None:
    async with company(tmp_path, server, "ada", "bob") as nodes:
        ada, bob = await shared_room(nodes)
        await say(nodes[0], ada, "together")
        await eventually(lambda: bob.top == 1)
    async with company(tmp_path, server, "ada") as nodes:
        (ada,) = await shared_room(nodes)
        await say(nodes[0], ada, "at ada", "at ada too")
    server.ask("FLUSHALL")  # bob, who is alone, has least
    async with company(tmp_path, server, "bob") as nodes:
        (bob,) = await shared_room(nodes)
        await say(nodes[0], bob, "at bob")
    async with company(tmp_path, server, "ada", "bob") as nodes:
        rooms = await shared_room(nodes)
        await eventually(lambda: [room.top for room in rooms] == [4, 4], what="both have everything")
        for node, room in zip(nodes, rooms, strict=True):
            events = await said(node, room)
            assert [event.body.text for event in events] == ["together", "at bob", "at ada", "at ada too"]
            assert [event.apart for event in events] == [False, False, True, True]


async def test_what_was_said_again_where_it_stood_hides_no_other_history(
    tmp_path: Path, server: RedisServer, pipeline: Pipeline
) -> None:
    """It has its nonce and its time, but another term: something else may stand before it now."""
    async with company(tmp_path, server, "ada") as nodes:
        (ada,) = await shared_room(nodes)
        await say(nodes[0], ada, "first", "second")
        kept = [nodes[0].node.owner.seal.leaving(event) for event in await said(nodes[0], ada)]
    words = OTHER_SEAL.said(Draft(ada.id, "other", MAX, Body(text="other")))
    other = replace(kept[0], nonce="other", author=MAX, body=words.body, signature=words.signature, voucher="")
    theirs = [replace(other, term=kept[1].term + 1), replace(kept[1], term=kept[1].term + 2)]
    stream = RoomStream(Ways(pipeline, pipeline), "lanchat", ada.id, Durability(certain=True))
    server.ask("DEL", *(f"lanchat:{{{ada.id}}}:{name}" for name in ("head", "stream", "nonces", "rules")))
    while (meeting := await stream.meet("carl", theirs[1].term, theirs[1])).state != "fill":
        await lasting(meeting.left)
    assert await stream.fill("carl", meeting.term, 1, theirs, final=True)
    async with company(tmp_path, server, "ada") as nodes:
        (ada,) = await shared_room(nodes)
        await eventually(lambda: ada.top == 3, what="what was said apart is said again")
        assert [event.body.text for event in await said(nodes[0], ada)] == ["other", "second", "first"]


async def test_what_is_missing_in_redis_is_no_other_history(tmp_path: Path, server: RedisServer) -> None:
    """It was lost just now: the nodes bring it back, and nothing gets another number."""
    async with company(tmp_path, server, "ada") as nodes:
        (ada,) = await shared_room(nodes)
        await say(nodes[0], ada, "first", "second")
        server.ask("DEL", f"lanchat:{{{ada.id}}}:stream")  # the head says that all is well
    async with company(tmp_path, server, "ada") as nodes:
        (ada,) = await shared_room(nodes)
        await say(nodes[0], ada, "third")
        events = await said(nodes[0], ada)
        assert [(event.seq, event.body.text, event.apart) for event in events] == [
            (1, "first", False),
            (2, "second", False),
            (3, "third", False),
        ]


async def test_who_comes_late_knows_the_rules_that_are_older_than_the_history(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "LEAST_KEPT", 100)
    async with company(tmp_path, server, "ada", keep_messages=10) as nodes:
        (ada,) = await shared_room(nodes)
        await declare(ada, nodes[0].node.owner, Rule(change="topic", text="Weather"))
        async with guest(nodes[0]) as client:
            await client.join(ada.id)
            for number in range(200):
                await client.say(ada.id, str(number))
                await eventually(lambda number=number: ada.top > number - 20)  # type: ignore[misc]
            await eventually(lambda: ada.top == 201)
        async with company(tmp_path, server, "bob", keep_messages=10) as others:
            (bob,) = await shared_room(others)
            await eventually(lambda: bob.top == 201)
            assert others[0].node.journal.oldest(bob.id) > 1
            assert bob.door.policy.topic == "Weather"
            assert [event.body.text for event in (await said(others[0], bob))][-1] == "199"
            server.ask("FLUSHALL")
            await say(others[0], bob, "goes on")
            await eventually(lambda: ada.top == 202)
