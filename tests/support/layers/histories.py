"""What every layer does that keeps the history of a group, as one suite beside the contract."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from lanchat.layers import BaseChannelLayer, LayerError, Message
from lanchat.layers.history import GroupFollower, GroupRun, HistoryBounds, HistoryPage, Position
from tests.support.clock import Clock
from tests.support.layers.contract import Make, numbered

KEPT = {"kept*": HistoryBounds(entries=5)}
SMALL = {"kept*": {"size": 100}}


def numbers(messages: Sequence[Message]) -> list[int]:
    return [message["n"] for message in messages]


def said(page: HistoryPage | GroupRun) -> list[int]:
    """The numbers of what is in a page or a run."""
    if isinstance(page, GroupRun):
        return numbers(page.messages)
    return numbers([entry.message for entry in page.entries])


async def say(layer: BaseChannelLayer, *what: int, group: str = "kept") -> None:
    for message in numbered(*what):
        await layer.group_send(group, message)


async def gone(reader: GroupFollower, layer: BaseChannelLayer, channel: str) -> GroupRun:
    """Let a reader take the next message of its channel."""
    async with asyncio.timeout(60):
        return await reader.take(await layer.receive(channel))


class HistoryContract:
    """The suite; `make` builds a layer with the given settings."""

    async def test_what_was_sent_is_numbered_without_gaps(self, make: Make) -> None:
        layer = await make(history=KEPT)
        await say(layer, 1, 2, 3)
        page = await layer.group_history("kept")
        assert [entry.seq for entry in page.entries] == [1, 2, 3]
        assert said(page) == [1, 2, 3]
        assert page.position == Position(page.epoch, 3)
        assert (page.top, page.more, page.start_over, page.missed) == (3, False, False, 0)
        assert [Position.of(entry.message) for entry in page.entries] == [Position(page.epoch, n) for n in (1, 2, 3)]
        assert page.entries[0].at <= page.entries[2].at

    async def test_a_member_is_told_where_a_message_is(self, make: Make) -> None:
        layer = await make(history=KEPT)
        channel = await layer.new_channel()
        await layer.group_add("kept", channel)
        await say(layer, 7)
        came = await layer.receive(channel)
        assert Position.of(came) == (await layer.group_history("kept")).position
        assert came["n"] == 7

    async def test_a_program_without_a_loop_is_heard_later_too(self, make: Make) -> None:
        layer = await make(history=KEPT)
        await say(layer, 1)
        await asyncio.to_thread(layer.group_send_sync, "kept", numbered(2)[0])
        assert said(await layer.group_history("kept")) == [1, 2]

    async def test_of_other_groups_nothing_is_kept(self, make: Make) -> None:
        layer = await make(history=KEPT)
        channel = await layer.new_channel()
        await layer.group_add("other", channel)
        await say(layer, 1, group="other")
        assert await layer.receive(channel) == numbered(1)[0]
        with pytest.raises(LayerError, match="No history of the group other is kept"):
            await layer.group_history("other")

    async def test_groups_are_apart(self, make: Make) -> None:
        layer = await make(history=KEPT)
        await say(layer, 1, group="kept1")
        await say(layer, 2, group="kept2")
        assert said(await layer.group_history("kept1")) == [1]
        assert said(await layer.group_history("kept2")) == [2]

    @pytest.mark.parametrize("limit", [0, -1, 1_001])
    async def test_a_page_is_bounded(self, make: Make, limit: int) -> None:
        layer = await make(history=KEPT)
        with pytest.raises(ValueError, match="1 to 1000"):
            await layer.group_history("kept", limit=limit)

    async def test_a_history_comes_page_by_page(self, make: Make) -> None:
        layer = await make(history=KEPT)
        await say(layer, 1, 2, 3, 4, 5)
        page = await layer.group_history("kept", limit=2)
        assert (said(page), page.more) == ([1, 2], True)
        page = await layer.group_history("kept", page.position, limit=2)
        assert (said(page), page.more) == ([3, 4], True)
        page = await layer.group_history("kept", page.position, limit=2)
        assert (said(page), page.more) == ([5], False)
        page = await layer.group_history("kept", page.position)
        assert (said(page), page.more, page.position.seq) == ([], False, 5)

    async def test_a_page_has_a_size(self, make: Make) -> None:
        layer = await make(history={"kept": HistoryBounds(entries=50)})
        for n in range(3):
            await layer.group_send("kept", {"type": "t", "n": n, "text": "x" * 400_000})
        page = await layer.group_history("kept")
        assert (said(page), page.more) == ([0, 1], True)
        assert said(await layer.group_history("kept", page.position)) == [2]

    async def test_no_more_than_so_many_are_kept_and_what_is_gone_is_said(self, make: Make) -> None:
        layer = await make(history=KEPT)
        await say(layer, 1)
        begun = (await layer.group_history("kept")).position
        await say(layer, *range(2, 11))
        assert said(await layer.group_history("kept")) == [6, 7, 8, 9, 10]
        page = await layer.group_history("kept", begun)
        assert (said(page), page.start_over, page.missed) == ([6, 7, 8, 9, 10], True, 4)

    async def test_no_more_than_so_many_bytes_are_kept_but_the_newest_is(self, make: Make) -> None:
        layer = await make(history=SMALL)
        for n in range(4):
            await layer.group_send("kept", {"type": "t", "n": n, "text": "x" * 40})
        assert len(said(await layer.group_history("kept"))) < 3
        await layer.group_send("kept", {"type": "t", "n": 9, "text": "x" * 400})
        assert said(await layer.group_history("kept")) == [9]

    async def test_who_knows_another_history_starts_over(self, make: Make) -> None:
        layer = await make(history=KEPT)
        await say(layer, 1, 2)
        for strange in (Position("abc", 1), (await layer.group_history("kept")).position._replace(seq=3)):
            page = await layer.group_history("kept", strange)
            assert (said(page), page.start_over, page.missed) == ([1, 2], True, None)

    @pytest.mark.parametrize(
        ("seq", "start_over", "missed"),
        [(-(2**63), True, None), (-1, True, None), (0, True, 5), (4, True, 1), (5, False, 0), (9, False, 0)]
        + [(seq, True, None) for seq in (11, 2**53 + 1, 10**18, 2**64, 10**30)],
    )
    async def test_beyond_both_ends(self, make: Make, seq: int, start_over: bool, missed: int | None) -> None:
        layer = await make(history=KEPT)
        await say(layer, *range(1, 11))
        at = (await layer.group_history("kept")).position._replace(seq=seq)
        page = await layer.group_history("kept", at)
        assert (page.start_over, page.missed) == (start_over, missed)
        assert said(page) == [n for n in range(6, 11) if start_over or n > seq]
        assert (page.top, page.more) == (10, False)

    async def test_who_came_before_anything_was_said_misses_nothing(self, make: Make) -> None:
        layer = await make(history=KEPT)
        before = await layer.group_history("kept")
        assert (before.entries, before.top, before.start_over) == ([], 0, False)
        await say(layer, 1)
        page = await layer.group_history("kept", before.position)
        assert (said(page), page.start_over, page.missed) == ([1], False, 0)

    async def test_flush_forgets_and_says_so(self, make: Make) -> None:
        layer = await make(history=KEPT)
        await say(layer, 1, 2)
        known = (await layer.group_history("kept")).position
        await layer.flush()
        page = await layer.group_history("kept", known)
        assert (page.entries, page.start_over, page.missed) == ([], True, None)
        await say(layer, 3)
        assert said(await layer.group_history("kept")) == [3]

    async def test_a_reader_gets_each_message_once_and_in_order(self, make: Make) -> None:
        layer = await make(history={"kept": HistoryBounds()})
        channel = await layer.new_channel()
        await say(layer, 1, 2)
        reader = GroupFollower(layer, "kept")
        assert said(await reader.start(channel)) == [1, 2]
        await say(layer, 3)
        came = await layer.receive(channel)
        assert said(await reader.take(came)) == [3]
        assert said(await reader.take(came)) == []
        await say(layer, 4, 5, 6)
        await layer.receive(channel)  # lost on its way
        assert said(await gone(reader, layer, channel)) == [4, 5, 6]
        assert said(await gone(reader, layer, channel)) == []

    async def test_a_reader_who_was_away_misses_nothing(self, make: Make) -> None:
        layer = await make(history=KEPT)
        channel = await layer.new_channel()
        reader = GroupFollower(layer, "kept")
        await reader.start(channel)
        await say(layer, 1)
        assert said(await gone(reader, layer, channel)) == [1]
        left = str(reader.position)
        await layer.group_discard("kept", channel)
        await say(layer, 2, 3)
        again = GroupFollower(layer, "kept")
        run = await again.start(await layer.new_channel(), Position.parse(left))
        assert (said(run), run.start_over, run.missed) == ([2, 3], False, 0)
        assert said(await reader.resume()) == [2, 3]

    async def test_a_reader_is_told_what_is_gone(self, make: Make) -> None:
        layer = await make(history=KEPT)
        channel = await layer.new_channel()
        reader = GroupFollower(layer, "kept")
        await say(layer, 1)
        await reader.start(channel)
        await layer.group_discard("kept", channel)
        await say(layer, *range(2, 11))
        run = await reader.resume()
        assert (said(run), run.start_over, run.missed) == ([6, 7, 8, 9, 10], True, 4)
        await layer.flush()
        await layer.group_add("kept", channel)
        await say(layer, 11)
        run = await gone(reader, layer, channel)
        assert (said(run), run.start_over, run.missed) == ([11], True, None)

    async def test_many_senders_and_a_reader_who_loses_every_third(self, make: Make) -> None:
        layer = await make(history={"kept": HistoryBounds()}, capacity=1_000)
        channel = await layer.new_channel()
        reader = GroupFollower(layer, "kept")
        await reader.start(channel)
        await asyncio.gather(*(say(layer, *range(sender * 100, sender * 100 + 20)) for sender in range(5)))
        await say(layer, 999)
        got: list[int] = []
        while 999 not in got:
            message = await layer.receive(channel)
            if message["n"] % 3 or message["n"] == 999:
                got += said(await reader.take(message))
        assert got == said(await layer.group_history("kept"))
        assert len(got) == len(set(got)) == 101
        for sender in range(5):
            own = [n for n in got if n // 100 == sender and n != 999]
            assert own == sorted(own)

    async def test_a_message_cannot_say_itself_where_it_is(self, make: Make) -> None:
        layer = await make(history=KEPT)
        with pytest.raises(TypeError, match="reserved"):
            await layer.group_send("kept", {"type": "t", "__asgi_position__": "abc-1"})


class AgedHistories:
    """What time does, for layers whose clock a test can move."""

    async def test_what_is_too_old_is_gone(self, make: Make, clock: Clock) -> None:
        layer = await make(history={"kept": HistoryBounds(seconds=60)})
        await say(layer, 1)
        clock.advance(40)
        await say(layer, 2)
        known = (await layer.group_history("kept")).position
        clock.advance(40)
        assert said(await layer.group_history("kept")) == [2]
        clock.advance(40)
        page: Any = await layer.group_history("kept", known)
        assert (page.entries, page.top, page.start_over) == ([], 2, False)
