"""Programs of others in shared rooms: who they may be, and where. Real ones are in tests/docs/test_programs.py."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lanchat.lan.shared import programs
from lanchat.lan.shared.programs import CHANNEL, group_of
from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer
from lanchat.limits import Limits
from lanchat.protocol import MAX_TEXT, Author, Event, Rule, guest_id
from lanchat.web.server import Server
from tests.support.clients import guest, window
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer
from tests.support.rooms.doors import order
from tests.support.shared.nodes import ROOM, company, said, shared_room

SECRET = "a-secret-of-one-program"


@pytest.fixture
async def nodes(tmp_path: Path, server: RedisServer) -> AsyncIterator[list[Server]]:
    async with company(tmp_path, server, "ada", "bob", redis_programs=True) as nodes:
        yield nodes


@pytest.fixture
async def saying(server: RedisServer) -> AsyncIterator[RedisChannelLayer]:
    async with RedisChannelLayer([server.url], prefix="lanchat.say") as layer:
        yield layer


async def refusal(saying: RedisChannelLayer, **message: Any) -> tuple[str, str]:
    """Send something, and return code and nonce of the answer."""
    reply = await saying.new_channel()
    whole = {"type": "lanchat.say", "nick": "Bot", "secret": SECRET, "text": "hello", "reply": reply, "nonce": "n"}
    await saying.send(CHANNEL, whole | message)
    told = await saying.receive(reply)
    assert told["type"] == "lanchat.refused"
    assert told["message"]
    return told["code"], told["nonce"]


async def test_a_program_is_one_guest_and_says_a_thing_once(nodes: list[Server], saying: RedisChannelLayer) -> None:
    room, other = await shared_room(nodes)
    for number in (1, 1, 2):
        await saying.send(
            CHANNEL,
            {
                "type": "lanchat.say",
                "room": ROOM,
                "nick": "Bot",
                "secret": SECRET,
                "text": f"hello {number}",
                "nonce": f"n{number}",
            },
        )
    await eventually(lambda: room.top == other.top == 2)
    events = await said(nodes[0], room)
    assert {event.body.text for event in events} == {"hello 1", "hello 2"}
    assert {event.author for event in events} == {Author(id=guest_id(SECRET), nick="Bot")}


async def test_what_may_not_be_said_is_refused_with_the_reason(nodes: list[Server], saying: RedisChannelLayer) -> None:
    room, _ = await shared_room(nodes)
    assert await refusal(saying, room="nowhere") == ("no_such_room", "n")
    assert await refusal(saying, room=room.id, secret="short") == ("invalid_frame", "n")
    assert await refusal(saying, room=room.id, secret=7) == ("invalid_frame", "n")
    assert await refusal(saying, room=room.id, nick="\u202e") == ("invalid_nick", "n")
    assert await refusal(saying, room=room.id, text=" ") == ("invalid_frame", "n")
    assert await refusal(saying, room=room.id, text="x" * (MAX_TEXT + 1)) == ("text_too_long", "n")
    assert await refusal(saying, room=room.id, nonce="n" * 1_000) == ("invalid_frame", "n" * 1_000)
    assert await refusal(saying, room=room.id, nonce=["n"]) == ("invalid_frame", "")
    await saying.send(CHANNEL, {"type": "x", "room": room.id, "reply": "no channel!at/all"})
    assert await refusal(saying, room="nowhere") == ("no_such_room", "n")  # the one before has ended nothing
    assert room.top == 0


async def test_too_much_is_refused(tmp_path: Path, server: RedisServer, saying: RedisChannelLayer) -> None:
    few = Limits(post_burst=3, post_rate=0.001)
    async with company(tmp_path, server, "eve", redis_programs=True, limits=few) as nodes:
        (room,) = await shared_room(nodes)
        message = {"type": "lanchat.say", "room": room.id, "nick": "Bot", "secret": SECRET, "text": "x"}
        for _ in range(3):
            await saying.send(CHANNEL, message)
        await eventually(lambda: room.top == 3)
        assert (await refusal(saying, room=room.id))[0] == "slow_down"


async def test_a_closed_door_is_closed_to_programs(
    nodes: list[Server], saying: RedisChannelLayer, server: RedisServer
) -> None:
    """They hear nothing of it either."""
    async with window(nodes[0]) as owner, guest(nodes[0], "Carl") as carl:
        room = (await owner.open("Behind a door")).id
        await owner.join(room)
        await carl.join(room)
        async with RedisPubSubChannelLayer([server.url], prefix="lanchat.hear") as hearing:
            ear = await hearing.new_channel()
            await hearing.group_add(group_of(room), ear)
            await carl.say(room, "still open")
            assert (await hearing.receive(ear))["text"] == "still open"
            await order(owner, room, Rule(change="guests", guests="off"))
            await eventually(lambda: nodes[0].node.rooms.get(room).door.policy.guests == "off")
            assert (await refusal(saying, room=room))[0] == "no_guests"
            await owner.say(room, "among us")
            await owner.hear(Event, lambda event: event.body.text == "among us")
            await order(owner, room, Rule(change="guests", guests="on"))
            await eventually(lambda: nodes[0].node.rooms.get(room).door.policy.guests == "on")
            await owner.say(room, "open again")
            assert (await hearing.receive(ear))["text"] == "open again"


async def test_old_news_is_none(nodes: list[Server], server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    room, _ = await shared_room(nodes)
    async with (
        RedisPubSubChannelLayer([server.url], prefix="lanchat.hear") as hearing,
        guest(nodes[0], "Carl") as carl,
    ):
        ear = await hearing.new_channel()
        await hearing.group_add(group_of(room.id), ear)
        await carl.join(room.id)
        with monkeypatch.context() as old:
            old.setattr(programs, "FRESH", -60_000)
            await carl.say(room.id, "old")
            await carl.said(room.id, 1)
        await carl.say(room.id, "new")
        assert (await hearing.receive(ear))["text"] == "new"


async def test_nobody_is_heard_where_that_was_not_set(
    tmp_path: Path, server: RedisServer, saying: RedisChannelLayer
) -> None:
    async with company(tmp_path, server, "eve") as (eve,):
        (room,) = await shared_room([eve])
        await saying.send(CHANNEL, {"type": "lanchat.say", "room": room.id, "nick": "B", "secret": SECRET, "text": "x"})
        async with guest(eve, "Carl") as carl:
            await carl.join(room.id)
            await carl.say(room.id, "hello")
            await carl.said(room.id, 1)
        assert room.top == 1
