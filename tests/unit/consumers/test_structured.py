"""Clients that speak in structs, on every server and in every format."""

import json
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import connect

from lanchat.consumers.structured import TypedWebsocketConsumer
from lanchat.layers import InvalidMessage, LayerError, register_serializer
from tests.support.consumers.asgi_servers import SERVERS, Serving
from tests.support.consumers.servers import serving as natively


class Say(msgspec.Struct, tag="say"):
    text: str


class Move(msgspec.Struct, tag="move"):
    x: int


class Done(msgspec.Struct, tag="done"):
    what: str


class Game(TypedWebsocketConsumer):
    sends = (Done,)

    async def receive_content(self, content: Say | Move) -> None:
        await self.send_content(Done(repr(content)))


class Packed(Game):
    serializer = "msgpack"


class Anything(TypedWebsocketConsumer):
    async def receive_content(self, content: Any) -> None:
        await self.send_content(content)


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_structs_come_and_go(serving: Serving) -> None:
    async with serving(Game.as_asgi()) as at, connect(f"ws://{at}/") as client:
        await client.send('{"type": "say", "text": "hello"}')
        assert json.loads(await client.recv()) == {"type": "done", "what": "Say(text='hello')"}
        for wrong, sentence in {
            '{"type": "say"}': "missing required field `text`",
            '{"type": "say", "text": 7}': "Expected `str`, got `int` - at `$.text`",
            '{"type": "fly"}': "Invalid value 'fly'",
            "[]": "Expected `object`",
            "{": "The bytes are no value",
            "[" * 50_000: "The bytes are no value",
            '"\ud83d"'.encode("utf-8", "surrogatepass").decode("latin-1"): "Expected `object`",
        }.items():
            await client.send(wrong)
            assert sentence in json.loads(await client.recv())["error"], wrong
        await client.send(b"\x00")
        assert json.loads(await client.recv()) == {"error": "json is sent in text messages."}
        await client.send('{"type": "move", "x": 1}')
        assert json.loads(await client.recv())["what"] == "Move(x=1)"


async def test_the_format_may_be_binary_and_the_content_anything() -> None:
    async with natively({"/packed": Packed, "/any": Anything}) as (at, _):
        async with connect(f"ws://{at}/packed") as client:
            await client.send(msgspec.msgpack.encode({"type": "move", "x": 7}))
            answer = await client.recv()
            assert isinstance(answer, bytes)
            assert msgspec.msgpack.decode(answer) == {"type": "done", "what": "Move(x=7)"}
            await client.send("text")
            assert msgspec.msgpack.decode(await client.recv()) == {"error": "msgpack is sent in binary messages."}  # type: ignore[arg-type]
        async with connect(f"ws://{at}/any") as client:
            await client.send('[1, {"a": null}]')
            assert json.loads(await client.recv()) == [1, {"a": None}]


async def test_a_format_of_ones_own_that_raises_refuses_that_message_only(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        is_text = True

        def encode(self, value: Any) -> bytes:
            return str(value).encode()

        def decode(self, data: bytes) -> Any:
            if data == b"bad":
                raise ValueError("no")
            return data.decode()

    class Own(Anything):
        serializer = "own-of-this-test"

    register_serializer("own-of-this-test", Broken())
    async with natively(Own) as (at, _), connect(f"ws://{at}/ws") as client:
        await client.send("bad")
        assert await client.recv() == "{'error': 'no'}"
        await client.send("good")
        assert await client.recv() == "good"


async def test_what_the_format_cannot_carry_is_the_senders_error() -> None:
    with pytest.raises(InvalidMessage, match="cannot be written"):
        await Anything().send_content(object())

    class Unknown(Anything):
        serializer = "nowhere"

    with pytest.raises(LayerError, match="No serializer is called 'nowhere'"):
        await Unknown().send_content("x")
