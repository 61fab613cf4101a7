"""docs/protocol.md describes every frame, field, error and limit, and its examples are frames."""

import json
import re
from typing import Any

import msgspec
import pytest

from lanchat import errors, protocol
from lanchat.errors import LanchatError, StartError
from lanchat.layers import LayerError
from lanchat.layers import errors as errors_of_layers
from lanchat.protocol import (
    Answer,
    Author,
    Body,
    Command,
    Electorate,
    Hit,
    LogEntry,
    Mark,
    Membership,
    NodeInfo,
    OwnAddress,
    Program,
    Reply,
    RoomInfo,
    RoomRef,
    Rule,
    Ticket,
    VoterInfo,
    WaitingPost,
)
from lanchat.protocol.checks import check_command
from lanchat.protocol.codec import decode_command, decode_reply
from tests.laws.sources import ROOT, obeyed

PAGE = (ROOT / "docs" / "protocol.md").read_text("utf-8")
COMMANDS: tuple[type[msgspec.Struct], ...] = Command.__args__
REPLIES: tuple[type[msgspec.Struct], ...] = Reply.__args__
FRAMES = {f"`{kind.__struct_config__.tag}`": kind for kind in COMMANDS + REPLIES}
COMMON = {"ref"}
"""Fields of many frames, which are described once, under Refs."""
PARTS: dict[str, type[msgspec.Struct]] = {
    "node": NodeInfo,
    "author": Author,
    "body": Body,
    "mark": Mark,
    "room": RoomInfo,
    "room name": RoomRef,
    "hit": Hit,
    "rule": Rule,
    "ticket": Ticket,
    "own address": OwnAddress,
    "program": Program,
    "waiting post": WaitingPost,
    "membership": Membership,
    "log entry": LogEntry,
    "electorate": Electorate,
    "voter": VoterInfo,
}


def sections(page: str) -> dict[str, str]:
    """Return the text under each heading of the third level."""
    found = re.split(r"^#{2,3} (.+)$", page, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def rows(text: str) -> dict[str, list[str]]:
    """Return the rows of all tables in a text, by the name in their first cell."""
    lines = (line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("| `"))
    return {cells[0].strip().strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines}


def undescribed(page: str, kinds: dict[str, type[msgspec.Struct]]) -> list[str]:
    """Say which frames or parts lack their heading, and which fields their row, or have one too many."""
    wrong, told = [], sections(page)
    for heading, kind in kinds.items():
        if heading not in told:
            wrong.append(f"{heading} has no section")
            continue
        described, real = set(rows(told[heading])), set(kind.__struct_fields__) - COMMON
        wrong += [f"{heading}: the field {name} is not described" for name in sorted(real - described)]
        wrong += [f"{heading}: there is no field {name}" for name in sorted(described - real)]
    return wrong


def examples(page: str) -> list[str]:
    """Return every JSON block that is a frame."""
    return [block for block in re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE) if '"type"' in block]


def fields_of(example: dict[str, Any], kinds: tuple[type[msgspec.Struct], ...]) -> set[str]:
    """Return the fields that the frame of this type has."""
    kind = next(kind for kind in kinds if kind.__struct_config__.tag == example["type"])
    return {"type", *kind.__struct_fields__}


def on_the_wire() -> dict[str, type[LanchatError]]:
    """Every error that a client may be told: the leaves of the tree, but for those of a program that does not start.

    Of the library's those of the layers, which carry a room's messages.
    """
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LanchatError)]
    leaves = [kind for kind in kinds if kind is not LanchatError and not issubclass(kind, StartError)]
    leaves += [
        kind for kind in vars(errors_of_layers).values() if isinstance(kind, type) and issubclass(kind, LayerError)
    ]
    leaves = [kind for kind in leaves if not kind.__subclasses__()]
    return {kind.code: kind for kind in leaves}


def test_every_frame_and_every_field_is_described() -> None:
    obeyed(undescribed(PAGE, FRAMES))


def test_what_all_commands_have_is_described_once_with_all_that_answers_them() -> None:
    section = sections(PAGE)["Refs"]
    assert set(rows(section)) == COMMON
    named = re.search(r"can carry a ref are (.*?)\.", section, re.DOTALL)
    assert named is not None
    assert set(re.findall(r"`(\w+)`", named[1])) == {kind.__struct_config__.tag for kind in Answer.__args__}


def test_every_part_of_frames_is_described() -> None:
    obeyed(undescribed(PAGE, PARTS))


@pytest.mark.parametrize("example", examples(PAGE), ids=lambda example: str(json.loads(example)["type"]))
def test_every_example_is_a_frame(example: str) -> None:
    given = json.loads(example)
    is_command = given["type"] in {kind.__struct_config__.tag for kind in COMMANDS}
    check_command(decode_command(example)) if is_command else decode_reply(example)
    assert set(given) <= fields_of(given, COMMANDS + REPLIES)


def test_every_frame_has_an_example() -> None:
    shown = {json.loads(example)["type"] for example in examples(PAGE)}
    assert {kind.__struct_config__.tag for kind in FRAMES.values()} - shown == set()


def test_every_error_of_the_wire_is_in_the_table_as_it_is() -> None:
    table = rows(sections(PAGE)["Errors"])
    assert set(table) == set(on_the_wire())
    assert {code: table[code][1] for code in table} == {
        code: "yes" if kind.retry else "no" for code, kind in on_the_wire().items()
    }


def test_every_limit_is_in_the_table_with_its_value() -> None:
    real = {name: value for name, value in vars(protocol).items() if name.isupper() and not name.startswith("_")}
    table = rows(sections(PAGE)["Limits"])
    assert {name: float(cells[0]) for name, cells in table.items()} == real


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) - anchors == set()


def test_what_is_missing_is_found() -> None:
    page = "### `forget`\n| `rooms` | string | x |\n"
    assert undescribed(page, {"`forget`": FRAMES["`forget`"], "`post`": FRAMES["`post`"]}) == [
        "`forget`: the field room is not described",
        "`forget`: there is no field rooms",
        "`post` has no section",
    ]


def test_only_json_blocks_that_are_frames_are_examples() -> None:
    page = '```json\n{"type": "leave"}\n```\n```json\n{"a": 1}\n```\n```\n{"type": "x"}\n```\n'
    assert examples(page) == ['{"type": "leave"}\n']
