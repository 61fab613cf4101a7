"""Many nodes on one network, and many guests of two: what they cost, and how soon everybody knows something new."""

import asyncio
import contextlib
import math
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.lab.scenarios.test_guests import GUESTS, talk
from tests.support.conditions import eventually
from tests.support.faults import lasting
from tests.support.lan.capture import Multicast
from tests.support.lan.far import PATIENCE, Far, window_of
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node

SETTLE, DURING = 60.0, 60.0
"""Seconds: until it is measured, and for how long."""
_AT_ONCE = 3
_CLOCK_OF_PROCESS = 2

Figure = dict[str, Any]


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
        await eventually(lambda: len(first.rooms) >= count, PATIENCE, "the first one knows all rooms")
        await lasting(SETTLE)
        before, said, begun = [_cpu(node) for node in nodes], heard.count, time.monotonic()
        await lasting(DURING)
        took = time.monotonic() - begun
        used = sorted(100 * (_cpu(node) - was) / took for node, was in zip(nodes, before, strict=True))
        packets = 60 * (heard.count - said) / took / count
        windows = [first, *[await stack.enter_async_context(window_of(node)) for node in nodes[1:]]]
        await eventually(lambda: all(len(window.rooms) >= count for window in windows), PATIENCE, "all know all")
        opened = time.monotonic()
        await first.send(type="open", name="something new")
        await eventually(lambda: all("something new" in window.rooms for window in windows), PATIENCE, "all know it")
        last = max(window.rooms["something new"] for window in windows) - opened
        killed = time.monotonic()
        nodes[1].kill()
        others = [window for number, window in enumerate(windows) if number != 1]
        gone = f"of {nodes[1].host.name}"
        await eventually(lambda: not any(_lists(window, gone) for window in others), PATIENCE, "all miss it")
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
    """Let guests of two networks talk in one room, at a node that is in both."""
    what = f"{GUESTS} guests of one subnet and {GUESTS} of another: everybody has a line of each"
    return [_figure(what, talk(folder), "s")]


def _lists(window: Far, name: str) -> bool:
    shown = window.last("rooms")
    return shown is not None and any(room["name"] == name and room["online"] for room in shown["rooms"])


def _figure(what: str, value: float, unit: str, most: float | None = None) -> Figure:
    return {"what": what, "values": [value], "unit": unit} | ({} if most is None else {"most": most})


def _cpu(node: Node) -> float:
    if node.process.poll() is not None:
        return math.nan
    return time.clock_gettime(~node.process.pid << 3 | _CLOCK_OF_PROCESS)
