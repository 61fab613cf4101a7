"""Packets that are lost, and networks that fall apart."""

import random
import statistics
import time
from pathlib import Path

import pytest

from tests.recovery.crowd import Crowd, two_nodes
from tests.recovery.node import SILENCE
from tests.support.conditions import eventually
from tests.support.faults import lasting, lossy, partition
from tests.support.faults.network import Towards


async def test_loss(tmp_path: Path, dice: random.Random) -> None:
    await loss(tmp_path, dice, 15, 6.0)


@pytest.mark.soak
async def test_loss_for_long(tmp_path: Path, dice: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanchat.lan.connection.connection.SILENCE", 25.0)
    await loss(tmp_path, dice, 30, 60.0)


async def loss(folder: Path, dice: random.Random, percent: int, seconds: float) -> None:
    """With the product's own times, nobody is taken for gone when packets are lost, and everything arrives."""
    async with two_nodes(folder, silence=None) as (crowd, _):
        for node in crowd.nodes:
            await crowd.come(3, node.url)
        for chatter in crowd.chatters:
            chatter.say("the link is up once this is acknowledged")
        await crowd.caught_up()
        before = [len(chatter.told_offline) for chatter in crowd.chatters]
        with lossy(percent):
            async with crowd.talking(dice, every=0.05):
                await lasting(seconds)
            await crowd.caught_up()
        delays = [delay for chatter in crowd.chatters for delay in chatter.delays]
        p95 = statistics.quantiles(delays, n=20)[-1]
        print(f"{percent} % lost: {len(delays)} posts, median {statistics.median(delays):.2f} s, p95 {p95:.2f} s")
        assert [chatter.connections for chatter in crowd.chatters] == [1] * 6
        assert [len(chatter.told_offline) for chatter in crowd.chatters] == before
        await crowd.verdict()


async def test_partition(tmp_path: Path, dice: random.Random) -> None:
    async with two_nodes(tmp_path) as (crowd, wire):
        for node in crowd.nodes:
            await crowd.come(2, node.url)
        ways: tuple[Towards, ...] = ("both", "server", "client")
        for towards in ways:
            await fall_apart(crowd, wire.port, towards, dice, SILENCE + 1.5)
        await crowd.verdict()


@pytest.mark.soak
async def test_partition_for_long(tmp_path: Path, dice: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanchat.lan.connection.connection.SILENCE", 25.0)
    async with two_nodes(tmp_path, silence=None) as (crowd, wire):
        for node in crowd.nodes:
            await crowd.come(2, node.url)
        ways: tuple[Towards, ...] = ("both", "both", "both", "server", "client")
        for seconds, towards in zip((5.0, 40.0, 120.0, 120.0, 120.0), ways, strict=True):
            await fall_apart(crowd, wire.port, towards, dice, seconds)
        await crowd.verdict()


async def fall_apart(crowd: Crowd, port: int, towards: Towards, dice: random.Random, seconds: float) -> None:
    """Nothing gets from the mirror to its home for so long, or not back; people at both go on talking."""
    async with crowd.talking(dice, every=0.05):
        with partition(port, towards=towards):
            began = time.monotonic()
            await lasting(seconds)
            if seconds > crowd.home.silence:
                shown = crowd.chatters[-1].told_offline
                await eventually(lambda: any(when > began for when in shown), what="offline is shown")
    healed = time.monotonic()
    await crowd.caught_up()
    told = [when - began for when in crowd.chatters[-1].told_offline if began < when < healed]
    print(
        f"{seconds:g} s towards {towards}: offline is shown after {', '.join(f'{when:.1f}' for when in told[:1])} s,"
        f" all caught up {time.monotonic() - healed:.1f} s after it healed"
    )
    assert bool(told) == (seconds > crowd.home.silence)
