"""Many guests of two networks in one room, at a node that is in both; nobody forwards between them."""

import asyncio
import contextlib
import time
import uuid
from pathlib import Path

from tests.lab.scenarios.test_between import in_both
from tests.support.conditions import eventually
from tests.support.lan.far import PATIENCE, Far, connected, window_of
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node

GUESTS = 30
"""On each of two networks."""


def talk(folder: Path) -> float:
    """Let everybody say a line, and see that everybody has each once, and in one order.

    Returns:
        Seconds from the first line until everybody had all.
    """
    with Lan() as lan, Lan("lan1", "10.78.0") as other:
        node = Node(in_both(lan, other, "between"), folder / "between", "--nick", "between", "--room", "both")
        try:
            return asyncio.run(
                _talk([(lan.host("here"), node.host.address), (other.host("there"), other.address(99))], node)
            )
        finally:
            node.end()


async def _talk(places: list[tuple[Host, str]], node: Node) -> float:
    async with contextlib.AsyncExitStack() as stack:
        window = await stack.enter_async_context(window_of(node))
        await eventually(lambda: "both" in window.rooms, PATIENCE)
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
        await eventually(lambda: all(guest.last("joined") for guest in people), PATIENCE, "all are in the room")
        begun = time.monotonic()
        for number, guest in enumerate(people):
            await guest.send(type="post", room=room, nonce=uuid.uuid4().hex, text=f"line {number}")
        await eventually(lambda: all(len(_texts(guest)) >= len(people) for guest in people), PATIENCE, "all lines")
        took = time.monotonic() - begun
    first = _texts(people[0])
    assert len(set(first)) == len(people)
    assert all(_texts(guest) == first for guest in people)
    return took


def _texts(guest: Far) -> list[str]:
    return [frame["body"]["text"] for frame in guest.frames if frame["type"] == "event" and frame["kind"] == "message"]


def test_everybody_has_every_line_once_and_in_one_order(tmp_path: Path, nothing_left: None) -> None:
    assert talk(tmp_path) > 0
