"""Each step of the ways that docs/design.md draws is a function that is there."""

import re

import pytest

from tests.laws.sources import ROOT, obeyed

PAGE = (ROOT / "docs" / "design.md").read_text("utf-8")
WAYS = ("The way of a message", "The journey of a mirrored post")
_STEP = re.compile(r"`([\w/.-]+\.(?:py|ts|svelte))` `([\w.#]+)`")


def steps(page: str, way: str) -> list[tuple[str, str]]:
    """Return file and name of every function in the table below a heading."""
    table = page.partition(f"## {way}\n")[2].partition("\n## ")[0]
    return [step for row in table.splitlines() if row.startswith("|") for step in _STEP.findall(row)]


def defines(text: str, name: str) -> bool:
    """Return whether the source of a file defines a function, or a class with this method."""
    parts = (re.escape(part) for part in name.split("."))
    return all(
        re.search(rf"\b(?:def|class|function) {part}\b|^\s*(?:async )?{part}\([^\n]*\{{$", text, re.MULTILINE)
        for part in parts
    )


def _missing(path: str, name: str) -> str:
    file = ROOT / path if path.startswith("assets/") else ROOT / "lanchat" / path
    if not file.is_file():
        return f"{path} is not there"
    return "" if defines(file.read_text("utf-8"), name) else f"{path} has no {name}"


@pytest.mark.parametrize("way", WAYS)
def test_every_step_is_there(way: str) -> None:
    found = steps(PAGE, way)
    assert len(found) >= 10
    obeyed(line for path, name in found if (line := _missing(path, name)))


def test_a_step_that_is_gone_is_found() -> None:
    page = "## A way\n| step | where |\n| a | `rooms/a.py` `Room.post`, `assets/b.ts` `say` |\n\n## B\n| `c.py` `d` |"
    assert steps(page, "A way") == [("rooms/a.py", "Room.post"), ("assets/b.ts", "say")]
    assert _missing("rooms/gone.py", "Room.post") == "rooms/gone.py is not there"
    assert defines("class Room:\n    async def post(self): ...", "Room.post")
    assert not defines("class Room:\n    def posted(self): ...", "Room.post")
    assert defines("class Room {\n  say(text: string): void {\n", "say")
    assert not defines("    room.say(text)\n    send(it);", "say")
