import hashlib
import json
from pathlib import Path

from lanchat.journal import Reader
from tests.support.archive.shelf import export


def test_a_room_becomes_lines_with_a_header_and_a_trailer(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "room.jsonl"
    assert export(reader, path).count == 6
    lines = path.read_bytes().splitlines(keepends=True)
    header, *events, trailer = map(json.loads, lines)
    assert (header["format"], header["room"], header["name"], header["count"]) == ("lanchat room", "r1", "Kitchen", 6)
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[0]["body"]["text"].startswith("Grüße")
    nonces = [event["nonce"] for event in events]
    assert [event["body"].get("target") for event in events] == [None, None, nonces[1], nonces[0], None, nonces[4]]
    assert trailer["count"] == 6
    assert trailer["sha256"] == hashlib.sha256(b"".join(lines[:-1])).hexdigest()
