"""What consumers raise is what Python's own code expects of such errors."""

import pytest

from lanchat.consumers import (
    AcceptConnection,
    AsyncConsumer,
    ClientGone,
    ConsumerError,
    DenyConnection,
    NoHandler,
    NotConnected,
    NotLoadable,
    StopConsumer,
    WorkerStuck,
)
from lanchat.layers import LibraryError
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


@pytest.mark.parametrize(
    ("kind", "python"),
    [(ClientGone, ConnectionError), (NotLoadable, ValueError), (WorkerStuck, RuntimeError), (NoHandler, ValueError)],
)
def test_one_base_catches_everything_but_what_decides_about_a_connection(
    kind: type[LibraryError], python: type[Exception]
) -> None:
    assert issubclass(kind, ConsumerError)
    assert issubclass(kind, LibraryError)
    assert issubclass(kind, python)
    assert not any(issubclass(each, LibraryError) for each in (StopConsumer, AcceptConnection, DenyConnection))
