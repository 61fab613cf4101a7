"""JSON in and out, and what is none."""

import json

import pytest

from lanchat.consumers import AsyncJsonWebsocketConsumer
from lanchat.consumers.json import NOT_JSON
from lanchat.consumers.testing import WebsocketCommunicator


class Echo(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content: object) -> None:
        await self.send_json(content)


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None]}, [], "text", 7, True, None, "Ä🍲", {"": {}}])
async def test_any_value_of_json_comes_and_goes(value: object) -> None:
    async with WebsocketCommunicator(Echo, "/") as client:
        await client.connect()
        await client.send_json_to(value)
        assert await client.receive_json_from() == value


@pytest.mark.parametrize("text", ["", " ", "{", "{'a': 1}", "[" * 60_000, '{"a": 1} x', "\x00"])
async def test_what_is_no_json_is_answered_and_the_connection_goes_on(text: str) -> None:
    async with WebsocketCommunicator(Echo, "/") as client:
        await client.connect()
        await client.send_to(text)
        assert await client.receive_json_from() == {"error": NOT_JSON}
        await client.send_json_to("still here")
        assert await client.receive_json_from() == "still here"


async def test_bytes_are_no_json() -> None:
    async with WebsocketCommunicator(Echo, "/") as client:
        await client.connect()
        await client.send_to(bytes_data=b"{}")
        assert await client.receive_json_from() == {"error": NOT_JSON}


async def test_the_answer_to_what_is_no_json_can_be_another() -> None:
    class Strict(Echo):
        async def receive_other(self, text_data: str | None, bytes_data: bytes | None) -> None:
            await self.close(1003)

    async with WebsocketCommunicator(Strict, "/") as client:
        await client.connect()
        await client.send_to("?")
        assert await client.receive_output() == {"type": "websocket.close", "code": 1003}


async def test_a_value_error_of_the_consumers_own_is_not_taken_for_bad_json() -> None:
    class Clumsy(Echo):
        async def receive_json(self, content: object) -> None:
            raise ValueError("mine")

    async with WebsocketCommunicator(Clumsy, "/") as client:
        await client.connect()
        await client.send_json_to({})
        with pytest.raises(ValueError, match="mine"):
            await client.receive_output()
        assert await client.receive_output() == {"type": "websocket.close", "code": 1011}


async def test_sending_may_close() -> None:
    class Brief(Echo):
        async def receive_json(self, content: object) -> None:
            await self.send_json(content, close=4000)

    async with WebsocketCommunicator(Brief, "/") as client:
        await client.connect()
        await client.send_json_to("last")
        assert await client.receive_json_from() == "last"
        assert await client.receive_output() == {"type": "websocket.close", "code": 4000}


async def test_encoding_and_decoding_can_be_ones_own() -> None:
    class Tight(Echo):
        @classmethod
        async def encode_json(cls, content: object) -> str:
            return json.dumps(content, separators=(",", ":"))

        @classmethod
        async def decode_json(cls, text_data: str) -> object:
            return {"read": json.loads(text_data)}

    async with WebsocketCommunicator(Tight, "/") as client:
        await client.connect()
        await client.send_to("[1, 2]")
        assert await client.receive_from() == '{"read":[1,2]}'
