"""Histories that part and meet, and what is older than what Redis keeps."""

from pathlib import Path

import pytest

from lanchat.lan.directory import sharing
from lanchat.lan.shared import stream as streams
from lanchat.protocol import Rule
from lanchat.rooms import Room, declare
from lanchat.web.server import Server
from tests.support.clients import guest, script
from tests.support.conditions import eventually
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
