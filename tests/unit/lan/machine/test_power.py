from pathlib import Path

import pytest

from lanchat.lan.machine import has_battery


@pytest.mark.parametrize(
    ("supplies", "battery"),
    [
        ({}, False),
        ({"AC": {"type": "Mains", "online": "1"}}, False),
        ({"AC": {"type": "Mains"}, "BAT0": {"type": "Battery", "scope": "System"}}, True),
        ({"BAT1": {"type": "Battery"}}, True),
        ({"hidpp_battery_0": {"type": "Battery", "scope": "Device"}}, False),
        ({"broken": {}}, False),
    ],
    ids=["nothing", "a desktop", "a laptop", "a laptop that says less", "a mouse", "what says nothing"],
)
def test_a_laptop_is_known_by_its_battery(tmp_path: Path, supplies: dict[str, dict[str, str]], battery: bool) -> None:
    for name, said in supplies.items():
        (tmp_path / name).mkdir()
        for what, value in said.items():
            (tmp_path / name / what).write_text(f"{value}\n")
    assert has_battery(tmp_path) is battery


def test_where_nothing_is_told_there_is_none(tmp_path: Path) -> None:
    assert not has_battery(tmp_path / "missing")
