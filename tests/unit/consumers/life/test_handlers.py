"""What can be called by the type of a message, and what cannot."""

import pytest

from lanchat.consumers.life.handlers import Handlers
from lanchat.layers import Message


class Base:
    _lanchat_base = True

    def close(self, message: Message) -> None: ...

    def websocket_connect(self, event: Message) -> None: ...


class Mixin:
    def room_closed(self, event: Message) -> None: ...


class Mine(Mixin, Base):
    _lanchat_base = False
    title = "not a method"

    def room_message(self, event: Message) -> None: ...

    def close(self, message: Message) -> None: ...

    def http_request(self, event: Message) -> None: ...

    def two(self, one: Message, other: Message) -> None: ...

    def none(self) -> None: ...

    def _private(self, event: Message) -> None: ...

    def __dunder__(self, event: Message) -> None: ...

    @staticmethod
    def loose(one: Message, other: Message) -> None: ...

    @classmethod
    def of_the_class(cls, event: Message) -> None: ...

    @property
    def asked(self) -> str:
        raise AssertionError("never called")


def test_handlers_are_the_methods_for_one_message_that_no_base_class_has() -> None:
    handlers = Handlers(Mine)
    assert set(handlers.by_name) == {"room_message", "room_closed"}
    assert handlers.by_name["room_message"].method is Mine.room_message


def test_events_of_the_connection_are_apart() -> None:
    assert set(Handlers(Mine).events) == {"http_request", "websocket_connect"}


def test_dots_count_as_underscores_and_what_was_found_is_remembered() -> None:
    handlers = Handlers(Mine)
    assert handlers.known == {}
    assert handlers.find("room.message") is handlers.find("room_message") is handlers.by_name["room_message"]
    assert set(handlers.known) == {"room.message", "room_message"}


@pytest.mark.parametrize("kind", ["", ".", "close", "http.request", "_private", ".private", "__dunder__", None, 7, []])
def test_for_any_other_type_there_is_none(kind: object, caplog: pytest.LogCaptureFixture) -> None:
    handlers = Handlers(Mine)
    assert handlers.find(kind) is None
    assert handlers.find(kind) is None
    assert handlers.known == {}
    assert caplog.messages == [f"Mine has no handler for messages of type {kind!r}"]
