"""Server-sent events, to the byte."""

from typing import Any

import pytest

from lanchat.consumers.streams.event_format import event_bytes, last_event_id


@pytest.mark.parametrize(
    ("data", "fields", "written"),
    [
        ("hello", {}, "data: hello\n\n"),
        ("", {}, "data: \n\n"),
        ("one\ntwo\r\nthree\rfour", {}, "data: one\ndata: two\ndata: three\ndata: four\n\n"),
        ("data: x\n\nevent: y", {}, "data: data: x\ndata: \ndata: event: y\n\n"),
        ("\u2028 stays", {}, "data: \u2028 stays\n\n"),
        ("x", {"event": "chat", "id": "7", "retry": 1.5}, "event: chat\nid: 7\nretry: 1500\ndata: x\n\n"),
        ("x", {"id": ""}, "id: \ndata: x\n\n"),
        ("\ud800", {}, "data: ?\n\n"),
    ],
)
def test_an_event_is_written(data: str, fields: dict[str, Any], written: str) -> None:
    assert event_bytes(data, **fields) == written.encode()


@pytest.mark.parametrize(
    "fields",
    [
        {"event": ""},
        {"event": "a\nid: 1"},
        {"event": "a\rb"},
        {"id": "1\n\ndata: x"},
        {"id": "a\0"},
        {"id": "x" * 1001},
        {"retry": -1},
        {"retry": float("inf")},
        {"retry": float("nan")},
    ],
)
def test_what_would_become_another_field_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"event is one line|after some seconds"):
        event_bytes("x", **fields)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, ""),
        ("7", "7"),
        ("Küche".encode().decode("latin-1"), "Küche"),
        ("\xff", ""),
        ("x" * 1001, ""),
        ("a\0", ""),
    ],
)
def test_what_a_browser_has_seen_is_read(header: str | None, found: str) -> None:
    assert last_event_id(header) == found
