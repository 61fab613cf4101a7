"""A film of an evening: a room loses its home, its guest moves, it goes on by itself, and is joined again.

Three machines and a phone, each a network namespace of the lab with a browser in it.
"""

import asyncio
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import ViewportSize, expect

from tests.lab.scenarios.test_takeover import voters
from tests.page.heard import Heard, moved
from tests.page.person import Person
from tests.pictures.studio import Studio, in_lab, photograph, timezone_at
from tests.support.conditions import LONG, eventually, wait_until
from tests.support.lan.browsers import Come, browsers, window_of
from tests.support.lan.hosts import Lan
from tests.support.lan.nodes import LANCHAT, Node

ROOM = "Lounge"
PATIENCE = "60"
"""Seconds without the others after which the room goes on; what is missing and who moves is photographed before."""
_EVENING = 20
"""The hour at which the film begins, by the clocks that are seen in it."""
_LOOKS = {"color_scheme": "light", "reduced_motion": "reduce", "locale": "en-GB", "timezone_id": timezone_at(_EVENING)}
_DESK = _LOOKS | {"viewport": {"width": 1100, "height": 720}}
_PHONE = ViewportSize(width=390, height=720)
_APART = LONG * 3 * 1_000
"""Milliseconds in which two sides that went on apart are joined, and everybody is shown that."""


async def evening(_: Studio) -> None:
    """Take the film, in a lab of its own."""
    await in_lab("tests.pictures.evening")


async def main() -> None:
    """Take the six pictures."""
    with tempfile.TemporaryDirectory() as made, Lan() as lan, three_machines(lan, Path(made)) as nodes:
        async with browsers(Path(made)) as come:
            await film(lan, nodes, come)


async def film(lan: Lan, nodes: dict[str, Node], come: Come) -> None:
    """Photograph the room before, when two are missing, where its guest has moved, continued, joined, and after."""
    ann, bob, cleo = [await come(node.host, window_of(node, ROOM), **_DESK) for node in nodes.values()]
    wait_until(lambda: len(voters(nodes["Ann"], ROOM)) == len(nodes), what="all of them vote")
    home = nodes["Ann"]
    home.host.run(*LANCHAT, "room", ROOM, "--continues", PATIENCE, "--data-dir", str(home.data_dir))
    gina = await come(lan.host("phone"), "about:blank", wait=False, **_DESK)
    heard = Heard(gina.page)
    await gina.go(f"http://{home.host.address}:28280/?room={ROOM}")
    await gina.see("nick").fill("Gina")
    await gina.see("nick").press("Enter")
    await gina.page.set_viewport_size(_PHONE)
    await talk((ann, "Good evening! Is the projector in the hall free tomorrow?"), (bob, "It is, until noon."))
    await talk((gina, "I bring the cables."), (cleo, "And I the cake."))
    await shown(bob, "And I the cake.")
    await eventually(lambda: heard.knows(len(nodes) - 1), LONG, "the guest's page knows where else it could be")
    await photograph(bob.page, "evening-1-before")

    nodes["Cleo"].host.cut()
    home.host.vanish()
    home.end()
    await bob.say("Ann? Are you still there?")
    await expect(bob.see("missing")).to_contain_text(re.compile(r"Ann.*Cleo|Cleo.*Ann"))
    await photograph(bob.page, "evening-2-missing")

    await moved(gina, f"{home.host.address}:28280")
    await gina.say("My page has gone over to Bob's laptop by itself.")
    await photograph(gina.page, "evening-3-moved")

    await cleo.say("I see nobody any more.")
    await expect(bob.see("went-on")).to_be_visible(timeout=_APART)
    await expect(cleo.see("went-on")).to_be_visible(timeout=_APART)
    await talk((bob, "Then the two of us go on here."), (cleo, "I write down what we have: one cake."))
    await shown(bob, "Then the two of us go on here.")
    await photograph(bob.page, "evening-4-continued")

    nodes["Cleo"].host.heal()
    for person in (bob, cleo):
        await expect(person.see("apart").first).to_be_visible(timeout=_APART)
        await expect(person.see("went-on")).to_have_count(0, timeout=_APART)
        await shown(person, "Then the two of us go on here.")
        await shown(person, "I write down what we have: one cake.")
    gave_way = bob if await bob.see("replaced").count() else cleo  # their ids decide that
    await photograph(gave_way.page, "evening-5-joined")

    home.host.appear()
    home.again()
    ann = await come(home.host, window_of(home, ROOM), **_DESK)
    await shown(ann, "I write down what we have: one cake.")
    await talk((ann, "My battery was empty. What did I miss?"), (bob, "Nothing: it is all there, once."))
    await shown(ann, "Nothing: it is all there, once.")
    await photograph(ann.page, "evening-6-after")


async def talk(*said: tuple[Person, str]) -> None:
    """Let people say things, each once everybody before them was heard."""
    for person, text in said:
        await person.say(text)
        await shown(person, text)


async def shown(person: Person, text: str) -> None:
    """Wait until somebody is shown what was said, and that nothing of theirs waits."""
    await expect(person.see("message-text").filter(has_text=text)).to_have_count(1, timeout=_APART)
    await expect(person.page.locator("[data-testid=message]:not([data-state=sent])")).to_have_count(0, timeout=_APART)


@contextmanager
def three_machines(lan: Lan, folder: Path) -> Iterator[dict[str, Node]]:
    """Run a node for each of three people, in the room of the first; they end with it."""
    nodes: dict[str, Node] = {}
    try:
        for name in ("Ann", "Bob", "Cleo"):
            opens = [] if nodes else ["--room", ROOM]
            host = lan.host(name.lower())
            nodes[name] = Node(host, folder / name, "--name", f"{name}'s laptop", "--nick", name, *opens)
        yield nodes
    finally:
        for node in nodes.values():
            node.end()


if __name__ == "__main__":
    asyncio.run(main())
