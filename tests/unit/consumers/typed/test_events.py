"""Events as structs: what fits reaches its handler, anything else is counted and harms nobody."""

from typing import Any

import msgspec
import pytest

from lanchat.consumers import AsyncConsumer, AsyncWebsocketConsumer, SyncConsumer
from lanchat.consumers.testing import ApplicationCommunicator, WebsocketCommunicator
from lanchat.consumers.typed.events import message_of
from lanchat.layers import InMemoryChannelLayer, Message
from tests.support.conditions import eventually


class Said(msgspec.Struct, tag_field="type", tag="said", forbid_unknown_fields=True):
    text: str
    raw: bytes = b""


class Moved(msgspec.Struct):
    x: int


class Named(msgspec.Struct):
    type: str


class Big(msgspec.Struct, tag="big"):
    n: int


class Small(msgspec.Struct, tag="small"):
    n: int


class Room(AsyncWebsocketConsumer):
    groups = ("room",)

    async def said(self, event: Said) -> None:
        await self.send(f"{event.text} {event.raw!r}")

    def moved(self, event: Moved) -> None:
        self.socket.send_text(f"x {event.x}")

    async def named(self, event: Named) -> None:
        await self.send(event.type)

    async def big(self, event: Big | Small) -> None:
        await self.send(repr(event))

    small = big

    async def plain(self, event: Message) -> None:
        await self.send(str(sorted(event)))


async def test_a_handler_gets_what_it_is_annotated_with(caplog: pytest.LogCaptureFixture) -> None:
    async with InMemoryChannelLayer() as layer:
        room = Room(layers={"default": layer})
        async with WebsocketCommunicator(room, "/") as client:
            await client.connect()
            for message, heard in (
                (message_of(Said("hello", b"\xff")), "hello b'\\xff'"),
                ({"type": "moved", "x": 7, "more": True}, "x 7"),
                ({"type": "named"}, "named"),
                (message_of(Small(1)), "Small(n=1)"),
                ({"type": "big", "n": 2}, "Big(n=2)"),
                ({"type": "plain", "x": "not looked at"}, "['type', 'x']"),
            ):
                await layer.group_send("room", message)
                assert await client.receive_from() == heard
            await room.dispatch({"type": "said", "text": "kept", "__asgi_position__": "1-1"})
            assert await client.receive_from() == "kept b''"
            wrong: list[Message] = [
                {"type": "said"},
                {"type": "said", "text": 7},
                {"type": "said", "text": "x", "more": 1},
                {"type": "moved", "x": "7"},
                {"type": "moved"},
                {"type": "big", "n": "2"},
            ]
            for message in wrong:
                await layer.group_send("room", message)
            await layer.group_send("room", {"type": "moved", "x": 1})
            assert await client.receive_from() == "x 1"
            await eventually(lambda: room.refused_events == len(wrong))
            assert room.unhandled == 0
    assert "Room got a message of type 'said' that is no Said, and refused it: Object missing" in caplog.text


async def test_sync_handlers_and_workers_get_them_too() -> None:
    got: list[Any] = []

    class Blocking(SyncConsumer):
        def said(self, event: Said) -> None:
            got.append(event)

    class Working(AsyncConsumer):
        async def said(self, event: Said) -> None:
            got.append(event)

    for consumer in (Blocking(), Working()):
        async with ApplicationCommunicator(consumer, {"type": "channel", "channel": "jobs"}) as client:
            await client.send_input({"type": "said", "text": 7})
            await client.send_input({"type": "said", "text": "x"})
            await eventually(lambda: len(got) == 1)
            assert (got.pop(), consumer.refused_events) == (Said("x"), 1)


@pytest.mark.parametrize("wrong", [Moved(1), {"type": "x"}, None, 7, Said])
def test_what_has_no_tag_names_no_handler(wrong: Any) -> None:
    with pytest.raises(TypeError, match="a tag that names its handler"):
        message_of(wrong)
