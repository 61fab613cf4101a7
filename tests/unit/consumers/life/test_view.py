"""What a consumer shows of its life is a view: it can be hidden, and nothing depends on it."""

import pytest

from lanchat.consumers import AsyncConsumer, AsyncWebsocketConsumer, NotConnected
from lanchat.consumers.life import LifeView
from tests.support.consumers.lives import living


async def test_it_is_looked_up_in_the_life() -> None:
    consumer = AsyncConsumer()
    async with living(consumer) as life:
        assert consumer.unhandled == 0
        life.unhandled = 7
        assert consumer.unhandled == 7


def test_before_the_life_begins_there_is_nothing_to_see() -> None:
    with pytest.raises(NotConnected, match="AsyncWebsocketConsumer has no connection yet"):
        _ = AsyncWebsocketConsumer().socket


def test_of_the_class_it_is_itself() -> None:
    assert isinstance(AsyncConsumer.unhandled, LifeView)


async def test_what_stays_the_same_is_kept_and_may_be_replaced() -> None:
    class Looked(AsyncConsumer):
        handlers_of_mine = LifeView[object](lambda life: life.handlers, keep=True)

    looked = Looked()
    async with living(looked) as life:
        assert looked.handlers_of_mine is life.handlers
        assert vars(looked)["handlers_of_mine"] is life.handlers
        looked.handlers_of_mine = "mine"
        assert looked.handlers_of_mine == "mine"
