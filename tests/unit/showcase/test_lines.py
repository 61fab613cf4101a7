"""What the line consumers share: empty lines, binary messages, and a layer that is not there."""

import pytest

from lanchat.config import Config
from lanchat.layers import LayerError
from lanchat.showcase.chat import ChatConsumer
from lanchat.showcase.lines import NOT_TEXT, LineConsumer
from tests.support.clients import serving
from tests.support.consumers.lives import handlers
from tests.support.consumers.plain import lines, plain


async def test_empty_lines_are_passed_over_and_binary_ones_answered(showcase: Config) -> None:
    async with serving(showcase) as server, plain(server, "chat") as client:
        await lines(client, 1)
        for nothing in ("", " ", "\n\t"):
            await client.send(nothing)
        await client.send(b"\xff")
        assert await lines(client, 1) == [NOT_TEXT]
        await client.send("still here")
        assert await lines(client, 1) == ["💬 still here"]


async def test_without_its_layer_a_line_is_refused_with_a_sentence() -> None:
    with pytest.raises(LayerError, match="'chat'"):
        await ChatConsumer(layers={}).broadcast("hello")


def test_no_message_of_the_layer_can_speak_for_a_client() -> None:
    assert handlers(LineConsumer) == set()
    assert handlers(ChatConsumer) == {"chat_message"}
