"""Channel layers alone, beside those of Fast Channels (in memory) and channels_redis: one process, in turn."""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from channels_redis.core import RedisChannelLayer as TheirQueue  # type: ignore[import-untyped]
from channels_redis.pubsub import RedisPubSubChannelLayer as TheirPubSub  # type: ignore[import-untyped]
from fast_channels.layers import InMemoryChannelLayer as TheirMemory

from lanchat.layers import BaseChannelLayer, InMemoryChannelLayer, Message
from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer
from tests.bench.peers.kinds import redis_server
from tests.bench.rows import BenchFailed, Row, against

NAME = "layers"
GROUP, PUBLISHES, QUEUE, QUEUE_ALONE = 25, 4, 4, 2
"""Ratios of speed to reach: a group in memory, publishes, groups by queue at once, and one after the other."""
PULLED, PUSHED, BUSY = 0.5, 0.2, 1.1
"""Ratios of CPU to reach: a delivery by `receive` on both sides, one by push, a message beside busy channels."""
_MESSAGE = {"type": "chat.message", "message": "x" * 128}
_CAPACITY = 100
_PATIENCE = 30.0
_TRIES = 3
_FAST, _REDIS = "Fast Channels", "channels_redis"

Measure = Callable[[Any], Awaitable[float]]
Take = Callable[[Any, Sequence[str], int], Coroutine[Any, Any, None]]


def measure(*, quick: bool = False) -> list[Row]:
    """Measure each layer in turn with its peer."""
    rounds = 5 if quick else 15
    rows = asyncio.run(measure_memory(rounds))
    with redis_server() as server:
        return rows + asyncio.run(_measure_redis(server.url, rounds))


async def measure_memory(rounds: int) -> list[Row]:
    """Measure the layers in memory."""
    pair = (InMemoryChannelLayer(capacity=_CAPACITY), TheirMemory(capacity=_CAPACITY))
    ours, theirs = await _in_turn(pair, _group_send, rounds)
    rows = [_faster("in memory, group_send to 1,000 members", ours, theirs, peer=_FAST, least=GROUP)]
    for name, make, count, most in (("Lanchat", InMemoryChannelLayer, 2_000, BUSY), (_FAST, TheirMemory, 20, None)):
        layers = make(capacity=_CAPACITY), make(capacity=_CAPACITY)
        await _be_busy(layers[0])
        # In turn, not one after the other: this machine's speed changes within seconds by more than what is measured.
        busy, alone = await _in_turn(layers, functools.partial(_send_and_receive, count=count), 2 * rounds)
        what = f"{name} in memory, CPU of send and receive with 5,000 other busy channels"
        rows.append(against(NAME, what, _micro(busy), "µs", peer="none other", peers=_micro(alone), most=most))
    return rows


async def _measure_redis(url: str, rounds: int) -> list[Row]:
    hosts = [{"address": url, "socket_timeout": None}]  # redis-py 8 else ends their blocking reads after 5 s
    pair: tuple[Any, Any] = RedisPubSubChannelLayer([url]), TheirPubSub(hosts)
    ours, theirs = await _in_turn(pair, _publish, rounds)
    rows = [_faster("Redis pub/sub, 50 at once", ours, theirs, peer=_REDIS, least=PUBLISHES)]
    for how, take, most in (("pushed by ours", _take, PUSHED), ("by receive on both sides", _pulled, PULLED)):
        ours, theirs = await _in_turn(pair, functools.partial(_deliver, take=take), rounds)
        what = f"Redis pub/sub, CPU of a delivery to 100 members, {how}"
        rows.append(against(NAME, what, _micro(ours), "µs", peer=_REDIS, peers=_micro(theirs), most=most))
    await _flush(pair)
    pair = RedisChannelLayer([url], capacity=10_000), TheirQueue(hosts, prefix="theirs", capacity=10_000)
    ours, theirs = await _in_turn(pair, _queue, rounds)
    rows.append(_faster("Redis queue, group_send to 100 members", ours, theirs, peer=_REDIS, least=QUEUE))
    ours, theirs = await _in_turn(pair, _queue_alone, rounds)
    what = "Redis queue, one group_send after the other to 100 members"
    rows.append(_faster(what, ours, theirs, peer=_REDIS, least=QUEUE_ALONE))
    await _flush(pair)
    return rows


async def _in_turn(pair: Sequence[Any], figure: Measure, rounds: int) -> tuple[list[float], list[float]]:
    """Take a figure of both layers, `rounds` times and once before to warm up."""
    taken: list[list[float]] = [[await _try(figure, layer) for layer in pair] for _ in range(rounds + 1)]
    ours, theirs = (list(column) for column in zip(*taken[1:], strict=True))
    return ours, theirs


async def _try(figure: Measure, layer: Any) -> float:
    """Take a figure, again when a layer of others lost a message: on Redis that happens on a busy machine."""
    for _ in range(_TRIES):
        try:
            return await figure(layer)
        except BenchFailed:
            if isinstance(layer, BaseChannelLayer):
                raise
    raise BenchFailed(f"{type(layer).__name__} lost messages {_TRIES} times.")


async def _group_send(layer: Any) -> float:
    """Seconds of one send to a group of 1,000 channels that wait to be read."""
    channels = await _group(layer, 1_000)
    taken = []
    for _ in range(10):
        began = time.perf_counter()
        await layer.group_send("group", _MESSAGE)
        taken.append(time.perf_counter() - began)
    for channel in channels:
        await layer.group_discard("group", channel)
        for _ in range(10):
            _expect(await layer.receive(channel))
    return min(taken)


async def _send_and_receive(layer: Any, count: int) -> float:
    """Seconds of CPU of one message from send to receive."""
    channel = await layer.new_channel()
    began = time.process_time()
    for _ in range(count):
        await layer.send(channel, _MESSAGE)
        _expect(await layer.receive(channel))
    return (time.process_time() - began) / count


async def _be_busy(layer: Any) -> None:
    for _ in range(5_000):
        await layer.send(await layer.new_channel(), _MESSAGE)


async def _publish(layer: Any) -> float:
    """Seconds of one of 500 publishes, 50 of them at any time, to a group with one member."""
    channels = await _group(layer, 1)
    taking = asyncio.create_task(_take(layer, channels, 500))
    await asyncio.sleep(0)
    began = time.perf_counter()
    await asyncio.gather(*(_send_many(layer, 10) for _ in range(50)))
    taken = (time.perf_counter() - began) / 500
    await taking
    await _leave(layer, channels)
    return taken


async def _deliver(layer: Any, take: Take) -> float:
    """Seconds of CPU of one of 100 messages at one of 100 members of a group."""
    channels = await _group(layer, 100)
    began = time.process_time()
    taking = asyncio.create_task(take(layer, channels, 100))
    await asyncio.sleep(0)
    await _send_many(layer, 100)
    await taking
    taken = time.process_time() - began
    await _leave(layer, channels)
    return taken / 10_000


async def _queue(layer: Any) -> float:
    """Seconds of one of 100 sends, 10 of them at any time, until all of 100 members in this process have it."""
    channels = await _group(layer, 100)
    taking = asyncio.create_task(_take(layer, channels, 100))
    await asyncio.sleep(0)
    began = time.perf_counter()
    await asyncio.gather(*(_send_many(layer, 10) for _ in range(10)))
    await taking
    taken = (time.perf_counter() - began) / 100
    await _leave(layer, channels)
    return taken


async def _queue_alone(layer: Any) -> float:
    """Seconds of one of 50 sends, each after the one before, to 100 members that do not read meanwhile."""
    channels = await _group(layer, 100)
    began = time.perf_counter()
    await _send_many(layer, 50)
    taken = (time.perf_counter() - began) / 50
    await _take(layer, channels, 50)
    await _leave(layer, channels)
    return taken


async def _take(layer: Any, channels: Sequence[str], count: int) -> None:
    """Take `count` messages from each channel, as the consumers of the layer's own library do."""
    pushed = isinstance(layer, BaseChannelLayer)
    await _patiently(_push(layer, channels, count) if pushed else _pull(layer, channels, count))


async def _pulled(layer: Any, channels: Sequence[str], count: int) -> None:
    """Take `count` messages from each channel by `receive`."""
    await _patiently(_pull(layer, channels, count))


async def _patiently(taking: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await taking
    except TimeoutError:
        raise BenchFailed(f"A layer lost messages, or took more than {_PATIENCE} s for them.") from None


async def _push(layer: BaseChannelLayer, channels: Sequence[str], count: int) -> None:
    lacking = count * len(channels)
    all_there = asyncio.Event()

    def take(message: Message) -> None:
        nonlocal lacking
        _expect(message)
        lacking -= 1
        if not lacking:
            all_there.set()

    for channel in channels:
        layer.attach(channel, take)
    await all_there.wait()
    for channel in channels:
        layer.detach(channel)


async def _pull(layer: Any, channels: Sequence[str], count: int) -> None:
    await asyncio.gather(*(_read(layer, channel, count) for channel in channels))


async def _group(layer: Any, size: int) -> list[str]:
    channels = [await layer.new_channel() for _ in range(size)]
    for channel in channels:
        await layer.group_add("group", channel)
    return channels


async def _leave(layer: Any, channels: Sequence[str]) -> None:
    for channel in channels:
        await layer.group_discard("group", channel)


async def _send_many(layer: Any, count: int) -> None:
    for _ in range(count):
        await layer.group_send("group", _MESSAGE)


async def _read(layer: Any, channel: str, count: int) -> None:
    for _ in range(count):
        _expect(await layer.receive(channel))


async def _flush(pair: Sequence[Any]) -> None:
    for layer in pair:
        await layer.flush()
        if isinstance(layer, RedisChannelLayer | RedisPubSubChannelLayer):
            await layer.close()


def _expect(message: object) -> None:
    if not isinstance(message, dict) or message["message"] != _MESSAGE["message"]:
        raise BenchFailed(f"A layer gave another message: {message!r}")


def _faster(what: str, ours: Sequence[float], theirs: Sequence[float], *, peer: str, least: float) -> Row:
    return against(NAME, what, _rates(ours), "sends/s", peer=peer, peers=_rates(theirs), least=least)


def _rates(seconds: Sequence[float]) -> list[float]:
    return [1 / value for value in seconds]


def _micro(seconds: Sequence[float]) -> list[float]:
    return [value * 1e6 for value in seconds]
