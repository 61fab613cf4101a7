"""Many nodes on one network, and many guests of two: what they cost, and how soon everybody knows something new."""

import asyncio
import contextlib
import ctypes
import json
import math
import os
import socket
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp

from lanchat.protocol import VERSION
from tests.bench.rows import BenchFailed
from tests.support.conditions import eventually
from tests.support.faults import lasting
from tests.support.lan.capture import Multicast
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node

GUESTS = 30
"""On each of two networks."""
SETTLE, DURING = 60.0, 60.0
"""Seconds: until it is measured, and for how long."""
_AT_ONCE = 3
_CLOCK_OF_PROCESS = 2
_NEW_NETWORK = 0x40000000
_PATIENCE = 300.0
_LIBC = ctypes.CDLL(None, use_errno=True)

Figure = dict[str, Any]


class Far:
    """One WebSocket, opened on a machine of the lab by this very process.

    Args:
        socket: the connection.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.frames: list[dict[str, Any]] = []
        self.rooms: dict[str, float] = {}
        self.heard = asyncio.create_task(self._hear())

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self._socket.send_json(frame)

    def last(self, kind: str) -> dict[str, Any] | None:
        """Return the last frame of a type."""
        return next((frame for frame in reversed(self.frames) if frame["type"] == kind), None)

    async def _hear(self) -> None:
        async for message in self._socket:
            frame = json.loads(message.data)
            self.frames.append(frame)
            if frame["type"] == "rooms":
                for room in frame["rooms"]:
                    self.rooms.setdefault(room["name"], time.monotonic())


@contextlib.contextmanager
def on(host: Host) -> Iterator[None]:
    """Be on another machine: sockets that this thread makes meanwhile are of its network (setns(2))."""
    with Path("/proc/thread-self/ns/net").open() as here, Path("/run/netns", host.name).open() as there:
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(here.fileno())


def _enter(namespace: int) -> None:
    if _LIBC.setns(namespace, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@contextlib.asynccontextmanager
async def connected(host: Host, url: str, **hello: Any) -> AsyncIterator[Far]:
    """Open a WebSocket on a machine, and say hello."""

    def made(where: Any) -> socket.socket:
        with on(host):
            return socket.socket(where[0], where[1], where[2])

    connector = aiohttp.TCPConnector(socket_factory=made)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.ws_connect(url, max_msg_size=0) as opened,
    ):
        far = Far(opened)
        await far.send(type="hello", version=VERSION, **hello)
        await eventually(lambda: far.last("welcome"), _PATIENCE)
        yield far
        far.heard.cancel()
        await asyncio.gather(far.heard, return_exceptions=True)


def window_of(node: Node) -> contextlib.AbstractAsyncContextManager[Far]:
    """Open a window of a node."""
    running = node.running
    assert running is not None
    return connected(node.host, f"{running['window']}ws", client="window", token=running["key"])


def crowd(count: int, folder: Path) -> list[Figure]:
    """Let so many nodes be on one network: what each costs, what they say to all, and when all know a new room."""
    with Lan() as lan, Multicast(lan.bridge) as heard, contextlib.ExitStack() as stack:
        hosts = [lan.host(f"h{number}") for number in range(count)]

        def serve(host: Host) -> Node:
            node = Node(host, folder / host.name, "--nick", host.name, "--name", host.name, "--room", f"of {host.name}")
            stack.callback(node.end)
            return node

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            nodes = list(pool.map(serve, hosts))
        return asyncio.run(_crowd(nodes, heard))


async def _crowd(nodes: list[Node], heard: Multicast) -> list[Figure]:
    count = len(nodes)
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(window_of(nodes[0]))
        await eventually(lambda: len(first.rooms) >= count, _PATIENCE, "the first one knows all rooms")
        await lasting(SETTLE)
        before, said, begun = [_cpu(node) for node in nodes], heard.count, time.monotonic()
        await lasting(DURING)
        took = time.monotonic() - begun
        used = sorted(100 * (_cpu(node) - was) / took for node, was in zip(nodes, before, strict=True))
        packets = 60 * (heard.count - said) / took / count
        windows = [first, *[await stack.enter_async_context(window_of(node)) for node in nodes[1:]]]
        await eventually(lambda: all(len(window.rooms) >= count for window in windows), _PATIENCE, "all know all")
        opened = time.monotonic()
        await first.send(type="open", name="something new")
        await eventually(lambda: all("something new" in window.rooms for window in windows), _PATIENCE, "all know it")
        last = max(window.rooms["something new"] for window in windows) - opened
        killed = time.monotonic()
        nodes[1].kill()
        others = [window for number, window in enumerate(windows) if number != 1]
        gone = f"of {nodes[1].host.name}"
        await eventually(lambda: not any(_lists(window, gone) for window in others), _PATIENCE, "all miss it")
        missed = time.monotonic() - killed
    about = f"{count} nodes"
    return [
        _figure(f"{about}: CPU of an idle one, median", statistics.median(used), "% of a core", most=0.5),
        _figure(f"{about}: CPU of an idle one, the most", used[-1], "% of a core"),
        _figure(f"{about}: multicast packets a minute and node", packets, "packets", most=60),
        _figure(f"{about}: a new room is known everywhere", last, "s", most=3),
        _figure(f"{about}: a killed one is missed everywhere", missed, "s"),
    ]


def guests(folder: Path) -> list[Figure]:
    """Let guests of two networks be in one room, at a node that is in both; nobody forwards between them."""
    with Lan() as lan, Lan("lan1", "10.78.0") as other:
        host = lan.host("between")
        host.plug_in(other, "eth1")
        host.give(other.address(200), "eth1")
        node = Node(host, folder / "between", "--nick", "between", "--room", "both")
        here, there = lan.host("here"), other.host("there")
        try:
            return asyncio.run(_guests([(here, host.address), (there, other.address(200))], node))
        finally:
            node.end()


async def _guests(places: list[tuple[Host, str]], node: Node) -> list[Figure]:
    async with contextlib.AsyncExitStack() as stack:
        window = await stack.enter_async_context(window_of(node))
        await eventually(lambda: "both" in window.rooms, _PATIENCE)
        shown = window.last("rooms")
        assert shown is not None
        room = next(each["id"] for each in shown["rooms"] if each["name"] == "both")
        people = [
            await stack.enter_async_context(
                connected(host, f"http://{address}:28280/ws", client="guest", nick=f"{host.name} {number}")
            )
            for number in range(GUESTS)
            for host, address in places
        ]
        for guest in people:
            await guest.send(type="join", room=room, limit=0)
        await eventually(lambda: all(guest.last("joined") for guest in people), _PATIENCE, "all are in the room")
        begun = time.monotonic()
        for number, guest in enumerate(people):
            await guest.send(type="post", room=room, nonce=uuid.uuid4().hex, text=f"line {number}")
        await eventually(lambda: all(len(_texts(guest)) >= len(people) for guest in people), _PATIENCE, "all lines")
        took = time.monotonic() - begun
    orders = {tuple(_texts(guest)) for guest in people}
    if len(orders) != 1 or len(set(orders.pop())) != len(people):
        raise BenchFailed("Not everybody has every line once, and in one order.")
    what = f"{GUESTS} guests of one subnet and {GUESTS} of another: everybody has a line of each"
    return [_figure(what, took, "s")]


def _texts(guest: Far) -> list[str]:
    return [frame["body"]["text"] for frame in guest.frames if frame["type"] == "event" and frame["kind"] == "message"]


def _lists(window: Far, name: str) -> bool:
    shown = window.last("rooms")
    return shown is not None and any(room["name"] == name and room["online"] for room in shown["rooms"])


def _figure(what: str, value: float, unit: str, most: float | None = None) -> Figure:
    return {"what": what, "values": [value], "unit": unit} | ({} if most is None else {"most": most})


def _cpu(node: Node) -> float:
    if node.process.poll() is not None:
        return math.nan
    return time.clock_gettime(~node.process.pid << 3 | _CLOCK_OF_PROCESS)
