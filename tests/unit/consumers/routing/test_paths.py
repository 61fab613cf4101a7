"""Patterns of paths."""

import re
from typing import Any

import pytest

from lanchat.consumers import AsyncConsumer
from lanchat.consumers.routing.paths import PathPattern, route


@pytest.mark.parametrize(
    ("pattern", "path", "kwargs"),
    [
        ("/ws/room/{name}", "ws/room/general", {"name": "general"}),
        ("/ws/room/{name}/", "ws/room/Küche 🍲/", {"name": "Küche 🍲"}),
        ("/{number:int}/{slug:slug}", "7/a-b_c", {"number": 7, "slug": "a-b_c"}),
        ("/files/{rest:path}", "files/a/b\n/c", {"rest": "a/b\n/c"}),
        ("/a.b", "a.b", {}),
        ("", "", {}),
        ("/{a}-{b}", "x-y-z", {"a": "x-y", "b": "z"}),
        ("/ws/room/{name}", "ws/room/general/more", None),
        ("/ws/room/{name}", "ws/room/", None),
        ("/{number:int}", "seven", None),
        ("/{number:int}", "٧", None),
        ("/{number:int}", "9" * 5000, None),
        ("/a.b", "axb", None),
    ],
)
def test_a_path_is_matched_whole(pattern: str, path: str, kwargs: dict[str, Any] | None) -> None:
    match = PathPattern(pattern, whole=True).match(path)
    assert match == (None if kwargs is None else ("", (), kwargs))


def test_the_beginning_of_a_path_leaves_the_rest() -> None:
    assert PathPattern("/{team}/", whole=False).match("red/room/x") == ("room/x", (), {"team": "red"})


def test_a_compiled_pattern_is_taken_as_it_is() -> None:
    assert PathPattern(re.compile(r"ws/(\w+)/(\d+)?$"), whole=False).match("ws/room/") == ("", ("room",), {})
    assert PathPattern(re.compile(r"ws/(?P<name>\w+)/(\d+)$"), whole=False).match("ws/x/1") == ("", (), {"name": "x"})


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/{}", "is not {name}"),
        ("/{1a}", "is not {name}"),
        ("/{a:float}", "of str, int, slug, path"),
        ("/{a}/{a}", "two parameters of the name a"),
        ("/{a", "no partner"),
        ("/a}", "no partner"),
    ],
)
def test_a_path_that_cannot_be_read_is_named(path: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        route(path, AsyncConsumer)
