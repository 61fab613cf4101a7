"""What consumers raise is what Python's own code expects of such errors."""

import pytest

from lanchat.consumers import AsyncConsumer, NoHandler, NotConnected
from tests.support.consumers.lives import living


async def test_a_message_that_nothing_takes_is_a_wrong_value_and_names_its_type() -> None:
    consumer = AsyncConsumer()
    async with living(consumer):
        with pytest.raises(ValueError, match=r"AsyncConsumer has no handler for messages of type 'no\.such'") as caught:
            await consumer.dispatch({"type": "no.such"})
    assert isinstance(caught.value, NoHandler)
    assert caught.value.kind == "no.such"


async def test_what_comes_before_a_connection_is_a_runtime_error() -> None:
    with pytest.raises(RuntimeError, match="AsyncConsumer has no connection yet") as caught:
        await AsyncConsumer().send({"type": "websocket.accept"})
    assert isinstance(caught.value, NotConnected)
