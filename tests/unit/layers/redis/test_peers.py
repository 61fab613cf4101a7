"""Both layers against the packages whose format they speak, each in a process of its own."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from lanchat.layers import Message
from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer
from tests.support.conditions import eventually
from tests.support.places import ROOT
from tests.support.redis.servers import RedisServer, in_thread

PEERS = {"channels_redis": "channels_redis", "fast_channels": "fast_channels.layers.redis"}
MESSAGE: Message = {"type": "chat.message", "text": "Grüße 👋", "n": [1, -5, 2**40, 0.5, None, True], "d": {"a": {}}}


class Peer:
    """The other process.

    Args:
        package: whose layer it has.
        module: "core" or "pubsub".
        settings: of its layer.
    """

    def __init__(self, package: str, module: str, settings: dict[str, Any]) -> None:
        kind = "RedisChannelLayer" if module == "core" else "RedisPubSubChannelLayer"
        self._process = subprocess.Popen(
            [
                sys.executable,
                ROOT / "tests" / "support" / "redis" / "peer.py",
                f"{PEERS[package]}.{module}",
                kind,
                json.dumps(settings),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert self._read() == "ready"
        except BaseException:
            self.end()
            raise

    async def ask(self, method: str, *arguments: Any) -> Any:
        return await in_thread(self._ask, method, *arguments)

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def _ask(self, method: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([method, *arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


Start = Callable[..., Peer]


@pytest.fixture(scope="session", params=PEERS)
def package(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    pytest.importorskip(f"{PEERS[name]}.core", exc_type=ImportError)
    return name


@pytest.fixture
async def peer(package: str, server: RedisServer) -> AsyncIterator[Start]:
    """Start a process of the other project with a layer; it ends with the test."""
    with contextlib.ExitStack() as stack:

        def start(module: str, hosts: list[str] | None = None, **settings: Any) -> Peer:
            peer = Peer(package, module, {"hosts": hosts or [server.url], **settings})
            stack.callback(peer.end)
            return peer

        yield start


def keys_of(encrypted: bool) -> dict[str, Any]:
    if encrypted:
        pytest.importorskip("cryptography")
    return {"symmetric_encryption_keys": ["new", "old"]} if encrypted else {}


@pytest.mark.parametrize(
    ("form", "encrypted"), [("msgpack", False), ("json", False), ("msgpack", True), ("json", True)]
)
async def test_pubsub_both_ways(peer: Start, server: RedisServer, form: str, encrypted: bool) -> None:
    settings = {"prefix": "chat", "serializer_format": form, **keys_of(encrypted)}
    theirs = await in_thread(lambda: peer("pubsub", **settings))
    async with RedisPubSubChannelLayer([server.url], **settings) as ours:
        my_channel, their_channel = await ours.new_channel(), await theirs.ask("new_channel")
        await ours.group_add("room_general", my_channel)
        await theirs.ask("group_add", "room_general", their_channel)
        await ours.group_send("room_general", MESSAGE)
        assert await ours.receive(my_channel) == await theirs.ask("receive", their_channel) == MESSAGE
        await theirs.ask("group_send", "room_general", MESSAGE)
        assert await ours.receive(my_channel) == await theirs.ask("receive", their_channel) == MESSAGE
        await ours.send(their_channel, {"type": "direct"})
        assert await theirs.ask("receive", their_channel) == {"type": "direct"}
        await theirs.ask("send", my_channel, {"type": "direct"})
        assert await ours.receive(my_channel) == {"type": "direct"}
        assert ours.statistics().poisoned == 0


@pytest.mark.parametrize(
    ("form", "encrypted"), [("msgpack", False), ("json", False), ("msgpack", True), ("json", True)]
)
async def test_queue_both_ways(peer: Start, server: RedisServer, form: str, encrypted: bool) -> None:
    settings = {"prefix": "chat", "serializer_format": form, **keys_of(encrypted)}
    theirs = await in_thread(lambda: peer("core", **settings))
    async with RedisChannelLayer([server.url], **settings) as ours:
        mine = [await ours.new_channel() for _ in range(2)]
        others = [await theirs.ask("new_channel") for _ in range(2)]
        for channel in mine:
            await ours.group_add("room_general", channel)
        for channel in others:
            await theirs.ask("group_add", "room_general", channel)
        assert await ours.group_members("room_general") == sorted(mine + others)
        for send in (ours.group_send("room_general", MESSAGE), theirs.ask("group_send", "room_general", MESSAGE)):
            await send
            assert [await ours.receive(channel) for channel in mine] == [MESSAGE] * 2
            assert [await theirs.ask("receive", channel) for channel in others] == [MESSAGE] * 2
        await ours.send(others[0], {"type": "direct"})
        assert await theirs.ask("receive", others[0]) == {"type": "direct"}
        await theirs.ask("send", mine[0], {"type": "direct"})
        assert await ours.receive(mine[0]) == {"type": "direct"}
        await ours.group_send("room_general", {"type": "not for one"}, exclude=others[0])
        await ours.send(others[0], {"type": "end"})
        assert await theirs.ask("receive", others[0]) == {"type": "end"}
        assert ours.statistics().poisoned == 0


async def test_jobs_both_ways(peer: Start, server: RedisServer) -> None:
    theirs = await in_thread(lambda: peer("core"))
    async with RedisChannelLayer([server.url]) as ours:
        for number in range(5):
            await ours.send("jobs", {"type": "job", "n": number})
            assert await theirs.ask("receive", "jobs") == {"type": "job", "n": number}
            await theirs.ask("send", "jobs", {"type": "job", "n": number})
            assert await ours.receive("jobs") == {"type": "job", "n": number}


async def test_jobs_shared_with_their_workers_are_all_done(peer: Start, server: RedisServer) -> None:
    theirs = await in_thread(lambda: peer("core"))
    mine: list[int] = []
    others: list[int] = []
    sent: list[int] = []
    async with RedisChannelLayer([server.url], capacity=10_000) as ours:

        async def work() -> None:
            while True:
                mine.append((await ours.receive("jobs"))["n"])

        worker = asyncio.create_task(work())
        for _ in range(5):
            asked = asyncio.create_task(theirs.ask("receive", "jobs"))
            while not asked.done():
                sent.append(len(sent))
                await ours.send("jobs", {"type": "job", "n": sent[-1]})
            others.append(asked.result()["n"])
        await eventually(lambda: {*mine, *others} == set(sent))
        assert len(mine) == len(set(mine))
        worker.cancel()
        await asyncio.wait({worker})


async def test_members_of_ours_that_died_do_not_disturb_them(peer: Start, server: RedisServer) -> None:
    theirs = await in_thread(lambda: peer("core"))
    their_channel = await theirs.ask("new_channel")
    await theirs.ask("group_add", "g", their_channel)
    async with RedisChannelLayer([server.url]) as ours:
        channel, got = await ours.new_channel(), list[Message]()
        ours.attach(channel, got.append)
        await ours.group_add("g", channel)
        await theirs.ask("group_send", "g", {"type": "t"})
        await eventually(lambda: got == [{"type": "t"}])
        assert await theirs.ask("receive", their_channel) == {"type": "t"}
    await theirs.ask("group_send", "g", {"type": "u"})
    assert await theirs.ask("receive", their_channel) == {"type": "u"}
    assert server.ask("ZRANGE", "asgi:group:g", 0, -1) == [their_channel.encode()]


async def test_several_servers_both_ways(peer: Start, server: RedisServer, own_server: RedisServer) -> None:
    hosts = [server.url, own_server.url]
    theirs = await in_thread(lambda: peer("core", hosts))
    async with RedisChannelLayer(hosts) as ours:
        their_channel = await theirs.ask("new_channel")
        channels = [await ours.new_channel() for _ in range(8)]
        for number, channel in enumerate(channels):
            await theirs.ask("send", channel, {"type": "t", "n": number})
            assert await ours.receive(channel) == {"type": "t", "n": number}
            await ours.send(their_channel, {"type": "t", "n": number})
            assert await theirs.ask("receive", their_channel) == {"type": "t", "n": number}
            await ours.group_add(f"g{number}", channel)
            await theirs.ask("group_add", f"g{number}", their_channel)
            await theirs.ask("group_send", f"g{number}", {"type": "t"})
            assert await ours.receive(channel) == await theirs.ask("receive", their_channel) == {"type": "t"}


async def test_several_servers_both_ways_by_pubsub(peer: Start, server: RedisServer, own_server: RedisServer) -> None:
    hosts = [server.url, own_server.url]
    theirs = await in_thread(lambda: peer("pubsub", hosts))
    async with RedisPubSubChannelLayer(hosts) as ours:
        their_channel = await theirs.ask("new_channel")
        for number in range(6):
            channel = await ours.new_channel()
            await ours.group_add(f"g{number}", channel)
            await theirs.ask("group_add", f"g{number}", their_channel)
            await theirs.ask("group_send", f"g{number}", {"type": "t"})
            await ours.send(their_channel, {"type": "u"})
            await theirs.ask("send", channel, {"type": "u"})
            assert {(await ours.receive(channel))["type"] for _ in range(2)} == {"t", "u"}
            assert {(await theirs.ask("receive", their_channel))["type"] for _ in range(2)} == {"t", "u"}
