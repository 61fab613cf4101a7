from pathlib import Path

import msgspec
import pytest

from lanchat.desktop import choice
from lanchat.desktop.choice import Kind, Surroundings, environment, has_display, kinds, look_around

FULL = Surroundings(
    platform="linux", environ={"DISPLAY": ":0"}, webview=True, qt=True, gtk=True, app_browser="/usr/bin/chromium"
)


def around(**changes: object) -> Surroundings:
    return msgspec.structs.replace(FULL, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [Kind.QT, Kind.GTK, Kind.APP, Kind.BROWSER]),
        ({"environ": {"WAYLAND_DISPLAY": "wayland-0"}}, [Kind.QT, Kind.GTK, Kind.APP, Kind.BROWSER]),
        ({"qt": False}, [Kind.GTK, Kind.APP, Kind.BROWSER]),
        ({"webview": False}, [Kind.APP, Kind.BROWSER]),
        ({"webview": False, "app_browser": ""}, [Kind.BROWSER]),
        ({"environ": {}}, []),
        ({"environ": {"BROWSER": "firefox"}}, [Kind.BROWSER]),
        ({"environ": {"QT_QPA_PLATFORM": "offscreen"}}, [Kind.QT]),
        ({"sandbox": False}, [Kind.GTK, Kind.APP, Kind.BROWSER]),
        ({"sandbox": False, "root": True}, [Kind.QT, Kind.GTK, Kind.APP, Kind.BROWSER]),
        ({"platform": "win32", "environ": {}}, [Kind.NATIVE, Kind.APP, Kind.BROWSER]),
        ({"platform": "darwin", "environ": {}, "app_browser": ""}, [Kind.NATIVE, Kind.BROWSER]),
        ({"platform": "win32", "webview": False, "app_browser": ""}, [Kind.BROWSER]),
    ],
)
def test_the_best_window_comes_first(changes: dict[str, object], expected: list[Kind]) -> None:
    assert kinds(around(**changes)) == expected


def test_somebody_who_turned_the_sandbox_off_gets_qt_without_it() -> None:
    environ = {"DISPLAY": ":0", "QTWEBENGINE_DISABLE_SANDBOX": "1"}
    assert kinds(around(sandbox=False, environ=environ))[0] is Kind.QT


def test_only_root_loses_the_sandbox() -> None:
    assert environment(Kind.QT, around()) == {"QT_API": "pyside6"}
    assert environment(Kind.QT, around(root=True))["QTWEBENGINE_DISABLE_SANDBOX"] == "1"


def test_what_the_user_has_set_stays() -> None:
    environ = {"QT_API": "pyside6", "QTWEBENGINE_DISABLE_SANDBOX": "0"}
    assert environment(Kind.QT, around(root=True, environ=environ)) == {}
    assert environment(Kind.APP, around(root=True)) == {}


def test_an_empty_display_is_none() -> None:
    assert not has_display({"DISPLAY": "", "WAYLAND_DISPLAY": ""})


def test_this_machine_can_be_described() -> None:
    found = look_around()
    assert found.webview
    assert found.qt


def test_a_gi_of_another_python_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_SYSTEM_PACKAGES", tmp_path)
    assert choice.system_gi() is None
    (tmp_path / "gi").mkdir()
    (tmp_path / "gi" / "_gi.cpython-32-x86_64-linux-gnu.so").touch()
    assert choice.system_gi() is None
