"""The window as the README shows it: a room of three people, on a network with another one."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import expect

from tests.page.person import Person
from tests.pictures.evening import talk
from tests.pictures.studio import Studio, in_lab, photograph, timezone_at
from tests.support.lan.browsers import Come, browsers, window_of
from tests.support.lan.hosts import Lan
from tests.support.lan.nodes import Node

ROOM = "Workshop"
_MACHINES = (("bench-3", "Ana Costa", ROOM), ("bench-1", "Milo Hartmann", "Bench 1"), ("reception", "Jo", "Front desk"))
"""The name of each machine, its person, and the room that opens there."""
_LOOKS = {"color_scheme": "light", "reduced_motion": "reduce", "locale": "en-GB", "timezone_id": timezone_at(8)}
_DESK = _LOOKS | {"viewport": {"width": 1100, "height": 680}}


async def window(_: Studio) -> None:
    """Take the picture, in a lab of its own."""
    await in_lab("tests.pictures.window")


async def main() -> None:
    """Let three machines run, and take the picture at the first."""
    with tempfile.TemporaryDirectory() as made, Lan() as lan:
        nodes: list[Node] = []
        try:
            for name, nick, room in _MACHINES:
                options = ("--name", name, "--nick", nick, "--room", room)
                nodes.append(Node(lan.host(name), Path(made) / name, *options))
            async with browsers(Path(made)) as come:
                await take(lan, nodes, come)
        finally:
            for node in nodes:
                node.end()


async def take(lan: Lan, nodes: list[Node], come: Come) -> None:
    """Let them talk, and photograph the window while somebody writes."""
    ana, milo = [await come(node.host, window_of(node, ROOM), **_DESK) for node in nodes[:2]]
    phone = await come(lan.host("phone"), f"http://{nodes[0].host.address}:28280/?room={ROOM}", **_DESK)
    await phone.see("nick").fill("Gina")
    await phone.see("nick").press("Enter")
    for room in ("Lunch", "Tool list", ROOM):
        await ana.open(room)
    await talk(
        (ana, "Good morning! The laser cutter is free until ten."), (milo, "I'll take it, twenty minutes at most.")
    )
    await talk((milo, "Drawing is on the bench computer: http://192.168.4.20/parts.svg"))
    await talk(
        (phone, "On my way, stuck in the lift 🙃"), (ana, "No hurry. The second batch of plywood is by the door.")
    )
    await known(ana, "Front desk")
    await milo.see("composer").press_sequentially("Then I")
    await expect(ana.page.get_by_text("Milo Hartmann is writing…", exact=True)).to_be_visible()
    await photograph(ana.page, "window")


async def known(person: Person, room: str) -> None:
    """Wait until somebody is shown a room in the list, and everybody in theirs."""
    await expect(person.see("room-item").filter(has_text=room)).to_have_count(1)
    await expect(person.see("member")).to_have_count(3)


if __name__ == "__main__":
    asyncio.run(main())
