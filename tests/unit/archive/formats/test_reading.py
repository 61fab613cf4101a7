import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lanchat.archive.formats.lines import MAX_LINE
from lanchat.archive.formats.reading import Archive
from lanchat.errors import InvalidArchive
from lanchat.journal import Reader
from tests.support.archive.shelf import export


@pytest.fixture
def archive(reader: Reader, tmp_path: Path) -> Path:
    export(reader, tmp_path / "room.jsonl")
    return tmp_path / "room.jsonl"


def refused(path: Path) -> str:
    with pytest.raises(InvalidArchive) as raised, Archive(path):
        pass
    return str(raised.value)


def change(path: Path, line: int, **fields: Any) -> None:
    """Change fields of a line, and make the trailer fit again."""
    lines = [json.loads(item) for item in path.read_text("utf-8").splitlines()]
    lines[line - 1] |= fields
    seal(path, [json.dumps(item) for item in lines[:-1]])


def seal(path: Path, lines: list[str], count: int | None = None) -> None:
    """Write lines, and a trailer that fits them."""
    data = "".join(f"{line}\n" for line in lines).encode()
    end = {
        "line": "end",
        "count": len(lines) - 1 if count is None else count,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    path.write_bytes(data + json.dumps(end).encode() + b"\n")


def test_a_whole_archive_is_read(archive: Path) -> None:
    with Archive(archive) as opened:
        assert (opened.header.room, opened.header.name, opened.count) == ("r1", "Kitchen", 6)
        assert [line.seq for line in opened.lines()] == [line.seq for line in opened.lines()] == [1, 2, 3, 4, 5, 6]


def test_a_file_that_is_cut_anywhere_is_refused(archive: Path) -> None:
    data = archive.read_bytes()
    for size in range(0, len(data) - 1, 7):
        archive.write_bytes(data[:size])
        assert refused(archive)


def test_a_changed_byte_anywhere_is_refused(archive: Path) -> None:
    data = archive.read_bytes()
    for place in range(0, len(data) - 1, 5):
        archive.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert refused(archive)


@pytest.mark.parametrize(
    ("line", "fields", "named"),
    [
        (1, {"format": "other"}, "Line 1: the format is 'other'"),
        (1, {"version": 5}, "newer Lanchat"),
        (1, {"version": 0}, "newer Lanchat"),
        (1, {"name": "a\u202eb"}, "Line 1: A room's name"),
        (1, {"extra": 1}, "Line 1"),
        (2, {"seq": "one"}, "Line 2"),
        (3, {"seq": 1}, "Line 3: the number"),
        (3, {"at": -1}, "Line 3: the number or the time"),
        (3, {"at": 2**60}, "Line 3: the number or the time"),
        (3, {"body": {"text": "x" * 4_001}}, "Line 3: .*4001"),
        (3, {"body": {"text": ""}}, "Line 3"),
        (3, {"kind": "secret"}, "Line 3"),
        (3, {"nonce": ""}, "Line 3"),
        (3, {"author": {"id": "", "nick": "x"}}, "Line 3"),
        (4, {"body": {"text": "x"}}, "Line 4: .*target"),
        (4, {"body": {"text": "x", "target": "x" * 65}}, "Line 4: .*target"),
        (4, {"body": {"text": "x", "target": 2}}, "Line 4"),
        (4, {"about": "n"}, "Line 4"),
    ],
)
def test_a_line_that_lies_is_named(archive: Path, line: int, fields: dict[str, Any], named: str) -> None:
    change(archive, line, **fields)
    with pytest.raises(InvalidArchive, match=named), Archive(archive):
        pass


@pytest.mark.parametrize(
    ("rewrite", "named"),
    [
        (lambda lines: lines[1:], "Line 1 does not belong there"),
        (lambda lines: [lines[0], *lines], "Line 2 does not belong there"),
        (lambda lines: [*lines, "no json"], "Line 8 is not JSON"),
        (lambda lines: [*lines, "[" * 20_000], "Line 8: Expected"),
        (lambda lines: [*lines, '"' + "x" * MAX_LINE], "Line 8 is longer"),
        (lambda lines: [*lines, '{"line":"else"}'], "Line 8"),
        (lambda lines: [*lines, '{"line":"end","count":6,"sha256":"00"}'], "Line 8: the file was changed"),
        (lambda lines: ['{"greeting": "I am something else"}'], "Line 1"),
    ],
)
def test_lines_that_do_not_belong_are_named(
    archive: Path, rewrite: Callable[[list[str]], list[str]], named: str
) -> None:
    seal(archive, rewrite(archive.read_text("utf-8").splitlines()[:-1]))
    with pytest.raises(InvalidArchive, match=named), Archive(archive):
        pass


def test_a_trailer_that_counts_wrongly_or_is_not_the_end_is_refused(archive: Path) -> None:
    lines = archive.read_text("utf-8").splitlines()[:-1]
    seal(archive, lines, count=7)
    assert "there should be 7 events, and there are 6" in refused(archive)
    seal(archive, lines)
    archive.write_bytes(archive.read_bytes() + b"{}\n")
    assert refused(archive) == "Line 9 comes after the end."


@pytest.mark.parametrize("content", [b"", b"\x00" * 5_000, b"PK\x03\x04" * 900, b"\xff\xfe{}\n", b"\n", b"x" * 999_999])
def test_what_is_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    assert refused(path)


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path)
    assert "cannot be read" in refused(tmp_path / "nowhere")
