"""What a reader does when its layer does not answer; the rest is in the contract that every layer passes."""

import pytest

from lanchat.layers import InMemoryChannelLayer, LayerError
from lanchat.layers.history import GroupFollower, HistoryBounds, HistoryPage, Position
from tests.support.layers.contract import numbered
from tests.support.layers.histories import said, say


class Flaky(InMemoryChannelLayer):
    """Cannot be asked for a history while `away`."""

    away = False

    async def _history(self, group: str, kept: HistoryBounds, since: Position | None, limit: int) -> HistoryPage:
        if self.away:
            raise LayerError("There is nobody.")
        return await super()._history(group, kept, since, limit)


async def test_what_cannot_be_asked_for_now_is_asked_for_with_the_next_message() -> None:
    async with Flaky(history={"kept": HistoryBounds()}) as layer:
        channel = await layer.new_channel()
        reader = GroupFollower(layer, "kept")
        await reader.start(channel)
        await say(layer, 1, 2, 3)
        layer.away = True
        await layer.receive(channel)
        with pytest.raises(LayerError):
            await reader.take(await layer.receive(channel))
        layer.away = False
        assert said(await reader.take(await layer.receive(channel))) == [1, 2, 3]


async def test_a_message_of_a_group_without_history_is_handed_on() -> None:
    async with InMemoryChannelLayer() as layer:
        run = await GroupFollower(layer, "other").take(numbered(1)[0])
        assert (said(run), run.start_over) == ([1], False)


async def test_nobody_follows_a_group_without_history() -> None:
    async with InMemoryChannelLayer() as layer:
        with pytest.raises(LayerError, match="No history"):
            await GroupFollower(layer, "other").start(await layer.new_channel())
