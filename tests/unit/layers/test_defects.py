"""What is known to go wrong in channels_redis and Fast Channels, numbered, and does not here: tests for each.

The numbers 11 and 12 are about consumers. What else concerns a number is named where its test is.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from lanchat.layers import BaseChannelLayer, InMemoryChannelLayer, LayerError, Message, Overflow, layer_from_url
from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer
from tests.support.conditions import eventually, wait_until
from tests.support.layers.contract import Make, numbered
from tests.support.redis.servers import RedisServer, free_port, in_thread
from tests.unit.layers.conftest import Kind, MakeLayer


@pytest.fixture(params=["memory", "pubsub", "queue"])
async def make_any(request: pytest.FixtureRequest, server: RedisServer, closing: AsyncExitStack) -> Make:
    """Make layers of all three kinds; all are closed after the test."""

    async def build(**settings: Any) -> BaseChannelLayer:
        if request.param == "memory":
            return await closing.enter_async_context(InMemoryChannelLayer(**settings))
        kind: Kind = RedisPubSubChannelLayer if request.param == "pubsub" else RedisChannelLayer
        return await closing.enter_async_context(kind([server.url], **settings))

    return build


@pytest.fixture
async def queue(server: RedisServer) -> AsyncIterator[RedisChannelLayer]:
    async with RedisChannelLayer([server.url], lease=0.9) as layer:
        yield layer


@pytest.fixture
async def pubsub(server: RedisServer) -> AsyncIterator[RedisPubSubChannelLayer]:
    async with RedisPubSubChannelLayer([server.url], prefix="chat") as layer:
        yield layer


async def _is(asked: Awaitable[Any], expected: Any) -> Any:
    return await asked == expected


async def test_1_idling_for_longer_than_any_timeout_ends_nothing(server: RedisServer) -> None:
    """Weakness 1: redis-py 8 gives up a read after 5 s of silence; the originals' queues die of that."""
    async with RedisPubSubChannelLayer([server.url]) as pubsub, RedisChannelLayer([server.url]) as queue:
        readers = []
        channels = []
        for layer in (pubsub, queue):
            channels.append(await layer.new_channel())
            await layer.group_add("g", channels[-1])
            readers.append(asyncio.create_task(layer.receive(channels[-1])))
        start = time.monotonic()
        await eventually(lambda: time.monotonic() > start + 6.5, timeout=8)
        assert not any(reader.done() for reader in readers)
        for layer in (pubsub, queue):
            await layer.group_send("g", {"type": "t"})
        assert await asyncio.wait_for(asyncio.gather(*readers), 60) == [{"type": "t"}] * 2
        assert pubsub.statistics().reconnects == queue.statistics().reconnects == 0


async def test_2_an_outage_hurts_senders_only_and_only_while_it_lasts(kind: Kind, own_server: RedisServer) -> None:
    """Weakness 2: A restart of Redis killed every reader of the queue, and members that came back were in no group."""
    async with kind([own_server.url]) as layer:
        pulled, pushed, got = await layer.new_channel(), await layer.new_channel(), list[Message]()
        layer.attach(pushed, got.append)
        reader = asyncio.create_task(layer.receive(pulled))
        for channel in (pulled, pushed):
            await layer.group_add("g", channel)
        own_server.stop()
        start = time.monotonic()
        for _ in range(5):
            with pytest.raises(LayerError, match=r"127\.0\.0\.1.*cannot be reached now"):
                await layer.group_send("g", {"type": "lost"})
        assert time.monotonic() - start < 60
        assert not reader.done()
        layer.detach("nobody")
        await layer.group_discard("g", pulled)
        await in_thread(own_server.start)
        await eventually(lambda: layer.statistics().reconnects == 1)
        await eventually(lambda: _is(layer.group_members("g"), [pushed]))
        await layer.group_send("g", {"type": "t"})
        await layer.send(pulled, {"type": "u"})
        assert await reader == {"type": "u"}
        await eventually(lambda: got == [{"type": "t"}])


async def test_3_every_direct_send_finds_its_server(server: RedisServer, own_server: RedisServer) -> None:
    """Weakness 3: A direct send was hashed by another name than its reader's, so that it went to the wrong server."""
    own_server.ask("FLUSHALL")
    async with RedisChannelLayer([server.url, own_server.url]) as layer:
        channels = [await layer.new_channel(f"p{number}") for number in range(8)]
        for number, channel in enumerate(channels):
            await layer.group_add(f"g{number}", channel)
            await layer.group_add("all", channel)
            await layer.send(channel, {"type": "one"})
            await layer.group_send(f"g{number}", {"type": "group"})
        await layer.group_send("all", {"type": "all"})
        for channel in channels:
            assert sorted([(await layer.receive(channel))["type"] for _ in range(3)]) == ["all", "group", "one"]
        for message in numbered(*range(6)):
            await layer.send("jobs", message)
        got = [(await layer.receive("jobs"))["n"] for _ in range(6)]
        assert sorted(got) == list(range(6))


async def test_3_nothing_is_lost_while_others_come_and_go(make_any: Make) -> None:
    """Weakness 3: Messages were lost while other members connected and disconnected."""
    layer = await make_any(capacity=1000)
    pushed, pulled = await layer.new_channel(), await layer.new_channel()
    got: list[Message] = []
    layer.attach(pushed, got.append)
    for steady in (pushed, pulled):
        await layer.group_add("g", steady)

    async def churn(number: int) -> None:
        for _ in range(20):
            channel = await layer.new_channel()
            await layer.group_add("g", channel)
            if number % 2:
                layer.attach(channel, list[Message]().append)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(layer.receive(channel), 0.001)
                await layer.group_discard("g", channel)
            layer.detach(channel)

    async def read() -> list[Message]:
        return [await layer.receive(pulled) for _ in range(100)]

    reader = asyncio.create_task(read())
    others = [asyncio.create_task(churn(number)) for number in range(4)]
    for message in numbered(*range(100)):
        await layer.group_send("g", message)
    assert await asyncio.wait_for(reader, 60) == numbered(*range(100))
    await eventually(lambda: got == numbered(*range(100)))
    await asyncio.gather(*others)


async def test_4_jobs_go_to_one_worker_each_and_none_is_lost_when_workers_leave(server: RedisServer) -> None:
    """Weakness 4: The copy of what is in flight was put back while another worker had it: jobs were done twice."""
    done: list[int] = []
    async with contextlib.AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(RedisChannelLayer([server.url], capacity=1000)) for _ in range(3)]

        async def work(layer: RedisChannelLayer) -> None:
            while len(done) < 200:
                with contextlib.suppress(TimeoutError):
                    message = await asyncio.wait_for(layer.receive("jobs"), 0.005)
                    done.append(message["n"])

        tasks = [asyncio.create_task(work(layer)) for layer in workers]
        for message in numbered(*range(200)):
            await workers[0].send("jobs", message)
            if message["n"] == 100:
                tasks[2].cancel()
                await workers[2].close()
        await asyncio.wait(tasks, timeout=10)
        assert sorted(done) == list(range(200))


async def test_5_a_timeout_in_the_reading_task_ends_nothing(kind: Kind, server: RedisServer) -> None:
    """Weakness 5: A TimeoutError ended the task that reads, and nobody started it again."""
    async with kind([server.url]) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)
        await layer.group_send("g", {"type": "t"})
        await eventually(lambda: got == [{"type": "t"}])

        def time_out(*_: object, **__: object) -> None:
            raise TimeoutError

        connect = layer.servers[0].open
        layer.servers[0].open = time_out  # type: ignore[method-assign, assignment]
        with server.client() as client:
            client.client_kill_filter(skipme=True)
        await eventually(lambda: _is_refused(layer))
        layer.servers[0].open = connect  # type: ignore[method-assign]
        await eventually(lambda: layer.statistics().reconnects == 1)
        await layer.group_send("g", {"type": "u"})
        await eventually(lambda: got == [{"type": "t"}, {"type": "u"}])


async def _is_refused(layer: BaseChannelLayer) -> Any:
    try:
        await layer.send("nobody", {"type": "t"})
    except LayerError:
        return True
    return False


async def test_6_our_members_live_as_long_as_they_are_renewed(queue: RedisChannelLayer, server: RedisServer) -> None:
    """Weakness 6: A healthy member was dropped after a day, and a dead one stayed for a day."""
    dead = "specific.c0ffee00c0ff8e00a0ffee00c0ffee00!x"
    alive = await queue.new_channel()
    queue.attach(alive, list[Message]().append)
    await queue.group_add("g", alive)
    server.ask("ZADD", "asgi:group:g", time.time(), dead)
    first = server.ask("ZSCORE", "asgi:group:g", alive)
    assert await queue.group_members("g") == sorted([alive, dead])
    await eventually(lambda: _is(queue.group_members("g"), [alive]))
    await eventually(lambda: float(server.ask("ZSCORE", "asgi:group:g", alive)) > float(first) + 0.9)
    await queue.group_send("g", {"type": "t"})
    assert server.ask("ZRANGE", "asgi:group:g", 0, -1) == [alive.encode()]
    assert 86_000 < server.ask("TTL", "asgi:group:g") <= 86_400


async def test_7_many_channels_come_and_go_without_a_trace(make: MakeLayer, server: RedisServer) -> None:
    """Weakness 7: Queues of dead channels, subscriptions and empty groups were never removed."""
    layer = await make()
    for _ in range(5):
        channels = [await layer.new_channel() for _ in range(40)]
        for channel in channels:
            layer.attach(channel, list[Message]().append)
            await layer.group_add("g", channel)
        await layer.group_send("g", {"type": "t"})
        for channel in channels:
            layer.detach(channel)
    session = layer._loops.current()
    assert (session.channels, session.groups) == ({}, {})
    await eventually(lambda: _is(layer.group_members("g"), []))
    await eventually(lambda: server.ask("PUBSUB", "CHANNELS") == [])
    assert server.connections() <= 2


async def test_8_a_full_queue_in_a_group_is_counted_and_logged_once_in_a_while(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Weakness 8: What a full channel missed was either silent or a line for each message."""
    caplog.set_level("INFO")
    async with RedisChannelLayer([server.url], capacity=1) as layer:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        for _ in range(4):
            await layer.group_send("g", {"type": "t"})
        assert layer.statistics().dropped == 3
    assert caplog.text.count("1 of 1 channels over capacity in group g") == 1


@pytest.mark.parametrize(
    ("overflow", "kept"),
    [(Overflow.DROP_OLDEST, [3, 4]), (Overflow.DROP_NEWEST, [0, 1]), (Overflow.DISCONNECT, [])],
)
async def test_8_what_a_slow_reader_misses_is_said_by_a_policy_and_counted(
    make_any: Make, overflow: Overflow, kept: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """Weakness 8: There was no choice of what is dropped, and no count."""
    caplog.set_level("INFO")
    layer = await make_any(capacity=2, overflow=overflow)
    slow, quick = await layer.new_channel(), await layer.new_channel()
    got: list[Message] = []
    layer.attach(quick, got.append)
    for member in (slow, quick):
        await layer.group_add("g", member)
    for count, message in enumerate(numbered(*range(5)), 1):
        await layer.group_send("g", message)
        await eventually(lambda count=count: len(got) == count)  # type: ignore[misc]
    dropped = 5 - len(kept)
    await eventually(lambda: layer.statistics().dropped == dropped)
    assert [await layer.receive(slow) for _ in kept] == numbered(*kept)
    if overflow is Overflow.DISCONNECT:
        for _ in range(2):
            with pytest.raises(layer.ChannelFull, match="was ended"):
                await layer.receive(slow)
    assert len([record for record in caplog.records if "full" in record.msg or "over capacity" in record.msg]) in (1, 2)


async def test_9_a_thread_without_a_loop_sends_and_leaves_nothing(make: MakeLayer, server: RedisServer) -> None:
    """Weakness 9: A worker needed a new event loop and a new pool for every call."""
    layer = await make()
    channel, got = await layer.new_channel(), list[Message]()
    layer.attach(channel, got.append)
    await layer.group_add("g", channel)
    before = server.connections()
    threads = threading.active_count()

    def work() -> None:
        for message in numbered(1, 2, 3):
            layer.send_sync(channel, message)
            layer.group_send_sync("g", message)

    await asyncio.to_thread(work)
    await eventually(lambda: len(got) == 6)
    await eventually(lambda: server.connections() == before)
    assert threading.active_count() <= threads + 1
    assert layer.statistics().sent == 6


async def test_10_a_send_is_one_round_trip_and_a_group_send_two(queue: RedisChannelLayer, server: RedisServer) -> None:
    """Weakness 10: A group send took four round trips and one for each member's process."""
    channels = [await queue.new_channel() for _ in range(5)]
    for channel in channels:
        await queue.group_add("g", channel)
    line = queue._loops.current().pipelines[0]
    writes = 0
    exchange = line._exchange

    async def counted(calls: Any) -> None:
        nonlocal writes
        writes += 1
        await exchange(calls)

    line._exchange = counted  # type: ignore[method-assign]
    await queue.send(channels[0], {"type": "t"})
    assert writes == 1
    await queue.group_send("g", {"type": "t"})
    assert writes == 3
    assert server.ask("ZCARD", f"asgi{channels[0].partition('!')[0]}!") == 2  # one for all five channels


async def test_10_sends_at_the_same_time_share_their_way(kind: Kind, server: RedisServer) -> None:
    """Weakness 10: One lock let one publish at a time go to the server, each waiting for its reply."""
    async with kind([server.url], capacity=1000) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        line = layer._loops.current().pipelines[0]
        exchange, writes = line._exchange, list[int]()

        async def counted(calls: Any) -> None:
            writes.append(len(calls))
            await exchange(calls)

        line._exchange = counted
        await asyncio.gather(*(layer.send(channel, message) for message in numbered(*range(500))))
        await eventually(lambda: got == numbered(*range(500)))
        assert len(writes) < 10


async def test_13_a_channel_joins_groups_where_it_is_at_home_only(pubsub: RedisPubSubChannelLayer) -> None:
    """Weakness 13: A channel of another process joined a pub/sub group in vain."""
    with pytest.raises(LayerError, match="only where it was made"):
        await pubsub.group_add("g", "chatspecific.elsewhere")


async def test_13_on_a_cluster_a_layer_works_or_says_that_it_cannot(tmp_path: Path) -> None:
    """Weakness 13: On a Redis Cluster the queue's scripts failed with errors of the client library, unannounced."""
    cluster = RedisServer(tmp_path / "cluster", "cluster-enabled yes", f"cluster-port {free_port()}")
    cluster.start()
    try:
        cluster.ask("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        await in_thread(wait_until, lambda: b"cluster_state:ok" in _plain(cluster.ask("CLUSTER", "INFO")))
        async with RedisPubSubChannelLayer([cluster.url]) as layer:
            channel, got = await layer.new_channel(), list[Message]()
            layer.attach(channel, got.append)
            await layer.group_add("g", channel)
            await layer.group_send("g", {"type": "t"})
            await eventually(lambda: got == [{"type": "t"}])
        async with RedisChannelLayer([cluster.url]) as one, RedisChannelLayer([cluster.url]) as two:
            for member in (one, two):
                await member.group_add("g", await member.new_channel())
            with pytest.raises(LayerError, match=r"refused: .*slot"):
                await one.group_send("g", {"type": "t"})
    finally:
        cluster.stop()


def _plain(info: Any) -> bytes:
    return info if isinstance(info, bytes) else repr(info).replace("'", "").replace(": ", ":").encode()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("kind", ["memory", "pubsub", "queue"])
def test_14_a_process_that_forks_goes_on_and_so_does_its_child(server: RedisServer, kind: str) -> None:
    url = "memory://" if kind == "memory" else server.url.replace("redis:", f"redis+{kind}:") + f"?prefix=fork{kind}"
    command = [sys.executable, "-m", "tests.support.layers.forking", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("fine\n", "")


@pytest.mark.parametrize("kind", ["pubsub", "queue"])
def test_15_two_event_loops_use_one_layer_beside_each_other(server: RedisServer, kind: str) -> None:
    layer = layer_from_url(server.url.replace("redis:", f"redis+{kind}:"), prefix=f"loops{kind}")
    names: dict[int, str] = {}
    got: dict[int, list[int]] = {0: [], 1: []}
    together = threading.Barrier(2, timeout=60)

    async def one(number: int) -> None:
        names[number] = channel = await layer.new_channel()
        await layer.group_add("two", channel)
        await asyncio.to_thread(together.wait)
        await layer.group_send("two", {"type": "t", "n": number})
        await layer.send(names[1 - number], {"type": "t", "n": 10 + number})
        async with asyncio.timeout(60):
            while len(got[number]) < 3:
                got[number].append((await layer.receive(channel))["n"])
        await asyncio.to_thread(together.wait)

    threads = [threading.Thread(target=asyncio.run, args=(one(number),)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sorted(got[number]) for number in (0, 1)] == [[0, 1, 11], [0, 1, 10]]


@pytest.mark.parametrize("kind", ["memory", "pubsub", "queue"])
def test_16_loops_that_are_closed_by_hand_leave_no_complaint(server: RedisServer, kind: str) -> None:
    url = "memory://" if kind == "memory" else server.url.replace("redis:", f"redis+{kind}:") + f"?prefix=hand{kind}"
    command = [sys.executable, "-X", "dev", "-m", "tests.support.layers.by_hand", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("t\nt\n", "")
