import hashlib
import json
from pathlib import Path

import pytest

from lanchat.archive import export_jsonl
from lanchat.errors import DiskFull, NoSuchRoom
from lanchat.journal import Reader
from tests.support.archive.shelf import export, ignore, never


def test_a_room_becomes_lines_with_a_header_and_a_trailer(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "room.jsonl"
    assert export(reader, path) == 6
    lines = path.read_bytes().splitlines(keepends=True)
    header, *events, trailer = map(json.loads, lines)
    assert (header["format"], header["room"], header["name"], header["count"]) == ("lanchat room", "r1", "Kitchen", 6)
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[0]["body"]["text"].startswith("Grüße")
    nonces = [event["nonce"] for event in events]
    assert [event["body"].get("target") for event in events] == [None, None, nonces[1], nonces[0], None, nonces[4]]
    assert trailer["count"] == 6
    assert trailer["sha256"] == hashlib.sha256(b"".join(lines[:-1])).hexdigest()


def test_a_room_that_is_not_there(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(NoSuchRoom):
        export_jsonl(reader, "nowhere", tmp_path / "x", ignore, never)
    assert not (tmp_path / "x").exists()


def test_a_cancelled_export_leaves_no_file(reader: Reader, tmp_path: Path) -> None:
    assert export_jsonl(reader, "r1", tmp_path / "x.jsonl", ignore, lambda: True) is None
    assert [path.name for path in tmp_path.iterdir() if "x.jsonl" in path.name] == []


def test_a_full_disk_is_told(reader: Reader) -> None:
    with pytest.raises(DiskFull):
        export(reader, Full("room.jsonl"))


class Full(type(Path())):  # type: ignore[misc]
    """A name on the device that is always full."""

    def open(self, mode: str = "r", *_: object, **__: object) -> object:
        return Path("/dev/full").open(mode)
