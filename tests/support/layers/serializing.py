"""What every layer does whose messages are written by a serializer of one's own, as one suite beside the contract."""

import json
import re
from typing import Any
from uuid import UUID

import pytest

from lanchat.layers import BaseChannelLayer, InvalidMessage, MessageTooLarge, register_serializer
from lanchat.layers.serializers import registry
from tests.support.layers.contract import Make, numbered, waiting

OWN = "complex numbers"


class Complex:
    """JSON with complex numbers; it takes no message of the type "bad", and reads none of the type "garbled"."""

    is_text = False

    def encode(self, value: Any) -> Any:
        if value["type"] == "bad":
            raise ZeroDivisionError("it was divided")
        if value["type"] == "text":
            return "text"
        return json.dumps(value, default=lambda z: [z.real, z.imag]).encode()

    def decode(self, data: bytes) -> Any:
        message = json.loads(data)
        if message["type"] == "garbled":
            raise LookupError("no page has it")
        return {**message, "z": complex(*message["z"])} if "z" in message else message


class SerializerContract:
    """The suite; `make` builds a layer with the given settings."""

    @pytest.fixture(autouse=True)
    def own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(registry, "_registered", {})
        register_serializer(OWN, Complex())

    async def member(self, layer: BaseChannelLayer) -> str:
        """Make a channel that is in the group."""
        channel = await layer.new_channel()
        await layer.group_add("kept", channel)
        return channel

    async def test_a_serializer_of_your_own_says_what_a_message_may_hold(self, make: Make) -> None:
        layer = await make(serializer_format=OWN, history={"kept": {"entries": 5}})
        channel = await self.member(layer)
        await layer.send(channel, {"type": "t", "z": 1 + 2j})
        await layer.group_send("kept", {"type": "t", "z": 3j})
        assert [message["z"] for message in await waiting(layer, channel)] == [1 + 2j, 3j]
        assert [entry.message["z"] for entry in (await layer.group_history("kept")).entries] == [3j]

    @pytest.mark.parametrize(
        ("kind_of_message", "said"), [("bad", "it was divided"), ("text", "that gives str, not bytes")]
    )
    async def test_one_that_raises_is_an_error_that_says_where_and_loses_nothing_else(
        self, make: Make, kind_of_message: str, said: str
    ) -> None:
        layer = await make(serializer_format=OWN, history={"kept": {"entries": 5}})
        channel = await self.member(layer)
        await layer.send(channel, {"type": "t", "n": 1})
        bad = {"type": kind_of_message}
        said = re.escape(f" cannot be written as {OWN}: {said}.")
        with pytest.raises(InvalidMessage, match=f"The message to the channel {channel}{said}"):
            await layer.send(channel, bad)
        with pytest.raises(InvalidMessage, match=f"The message to the group kept{said}"):
            await layer.group_send("kept", bad)
        await layer.send(channel, {"type": "t", "n": 2})
        assert await waiting(layer, channel) == numbered(1, 2)
        assert layer.statistics().sent == 3
        assert (await layer.group_history("kept")).entries == []

    async def test_what_is_too_large_is_told_by_what_was_written(self, make: Make) -> None:
        layer = await make(serializer_format=OWN, max_message_size=100)
        with pytest.raises(MessageTooLarge, match=r"The message to the group kept has 12\d bytes; 100 is the most"):
            await layer.group_send("kept", {"type": "t", "text": "x" * 100})
        with pytest.raises(InvalidMessage, match="is reserved"):
            await layer.group_send("kept", {"type": "t", "__asgi_channel__": "a"})

    async def test_what_is_built_in_gives_the_same_on_every_layer(self, make: Make) -> None:
        id_ = UUID(int=5)
        for form, expected in (("json", str(id_)), ("msgpack", id_)):
            layer = await make(serializer_format=form)
            channel = await layer.new_channel()
            await layer.send(channel, {"type": "t", "id": id_})
            assert await layer.receive(channel) == {"type": "t", "id": expected}
