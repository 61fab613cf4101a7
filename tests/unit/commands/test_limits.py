import json

import msgspec
import pytest

from lanchat.commands.limits import format_limit, show
from lanchat.limits import Limit, Limits


def test_a_limit_is_one_line_with_value_unit_and_meaning() -> None:
    line = format_limit(Limit("post_rate", 50.0, "a second", "Posts.", 50.0))
    assert line.split() == ["post_rate", "50", "a", "second", "Posts."]


def test_a_limit_that_was_set_says_what_it_was() -> None:
    assert format_limit(Limit("rooms", 7, "", "Rooms.", 2000)).endswith("Rooms. (default: 2,000)")


def test_every_limit_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show(Limits(), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(Limits.__struct_fields__)


def test_each_limit_is_an_object_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    show(msgspec.structs.replace(Limits(), rooms=7), as_json=True)
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {limit["name"]: limit["value"] for limit in shown} == msgspec.structs.asdict(
        msgspec.structs.replace(Limits(), rooms=7)
    )
    assert all(set(limit) == {"name", "value", "unit", "meaning", "default"} for limit in shown)
