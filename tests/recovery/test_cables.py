"""Cables that break, fall silent and swallow answers, and readers that do not read."""

import random
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from tests.recovery.chatter import Chatter
from tests.recovery.crowd import CATCH_UP, Crowd, one_node
from tests.support.conditions import eventually
from tests.support.faults import Wire, half_open, reset_after, slow_reader, swallowed

MEGABYTE = 1 << 20
MORE_THAN_FITS = 400
"""Long posts, 6.5 MB in all: more than the node keeps for one reader, and 4 MiB that the kernel may take from it."""


@pytest.mark.parametrize("breaks", [15, pytest.param(300, marks=pytest.mark.soak)])
async def test_reset_in_the_middle_of_a_frame(tmp_path: Path, dice: random.Random, breaks: int) -> None:
    async with one_node(tmp_path) as crowd, Wire(crowd.home.port) as wire:
        chatters = await crowd.come(3, wire.url)
        await crowd.come(1, crowd.home.url)
        async with crowd.talking(dice, every=0.005):
            for _ in range(breaks):
                with reset_after(wire, dice.randrange(1, 20_000)):
                    await come_back(chatters)
        await crowd.verdict()


@pytest.mark.parametrize("turns", [1, pytest.param(20, marks=pytest.mark.soak)])
async def test_half_open(tmp_path: Path, dice: random.Random, turns: int) -> None:
    async with one_node(tmp_path) as crowd, Wire(crowd.home.port) as wire:
        chatters = await crowd.come(3, wire.url)
        await crowd.come(1, crowd.home.url)
        async with crowd.talking(dice):
            for _ in range(turns):
                await crowd.more(20)
                with half_open(wire):
                    await eventually(lambda: not any(chatter.online for chatter in chatters), CATCH_UP)
                await eventually(lambda: all(chatter.online for chatter in chatters), CATCH_UP)
        await crowd.verdict()


@pytest.mark.parametrize("turns", [5, pytest.param(100, marks=pytest.mark.soak)])
async def test_acknowledgements_are_swallowed(tmp_path: Path, dice: random.Random, turns: int) -> None:
    async with one_node(tmp_path) as crowd, Wire(crowd.home.port) as wire:
        chatters = await crowd.come(3, wire.url)
        await crowd.come(1, crowd.home.url)
        for _ in range(turns):
            with swallowed(wire):
                said = {chatter.say(f"{number}") for chatter in chatters for number in range(dice.randrange(1, 10))}
                await are_kept(said, crowd)
                assert not said & crowd.history.ok
            await eventually(lambda: not any(chatter.outbox for chatter in chatters), CATCH_UP)
            assert said <= crowd.history.ok
        assert all(chatter.connections > turns for chatter in chatters)
        await crowd.verdict()


@pytest.mark.parametrize(("slow", "others"), [(2, 2), pytest.param(10, 20, marks=pytest.mark.soak)])
async def test_slow_readers_are_cut_off_and_come_back(
    tmp_path: Path, dice: random.Random, slow: int, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The node is to give them up, not they the node.
    monkeypatch.setattr("lanchat.lan.connection.connection.SILENCE", CATCH_UP)
    async with one_node(tmp_path) as crowd, Wire(crowd.home.port) as wire:
        node = psutil.Process(crowd.home.pid)

        def let_in() -> set[int]:
            here = [one for one in node.net_connections("tcp") if one.status == psutil.CONN_ESTABLISHED]
            return {one.raddr.port for one in here if one.laddr.port == crowd.home.port}

        readers = await crowd.come(slow, wire.url)
        theirs = let_in()
        assert len(theirs) == slow
        talkers = await crowd.come(others, crowd.home.url)
        talkers[0].say("warm")
        await crowd.more(1)
        memory = node.memory_info().rss
        with slow_reader(wire):
            for _ in range(MORE_THAN_FITS // 20):
                for _ in range(20):
                    dice.choice(talkers).say("🍲" * 4_000)
                await crowd.more(20)
            await eventually(lambda: not theirs & let_in(), CATCH_UP, "the slow readers are cut off")
            grown = (node.memory_info().rss - memory) / MEGABYTE
            print(f"memory grew by {grown:.1f} MiB")
            assert grown < 20 + slow
        await crowd.caught_up()
        assert all(chatter.connections > 1 for chatter in readers)
        await crowd.verdict()


async def come_back(chatters: Sequence[Chatter]) -> None:
    """Wait until a connection broke and was made again."""
    before = sum(chatter.connections for chatter in chatters)
    await eventually(lambda: sum(chatter.connections for chatter in chatters) > before, CATCH_UP, "somebody is back")


async def are_kept(nonces: set[str], crowd: Crowd) -> None:
    """Wait until the home keeps all of these."""
    await eventually(lambda: nonces <= {entry.nonce for entry in crowd.home.journal().entries}, CATCH_UP, "all is kept")
