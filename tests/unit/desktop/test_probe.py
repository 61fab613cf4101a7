import pytest

from lanchat.desktop.choice import Kind
from lanchat.desktop.probe import ToolkitProbe

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}


def test_qt_that_can_draw_passes() -> None:
    assert ToolkitProbe(Kind.QT, OFFSCREEN).passed()


def test_qt_without_its_display_fails_in_the_child_alone() -> None:
    assert not ToolkitProbe(Kind.QT, {"QT_QPA_PLATFORM": "xcb", "DISPLAY": "127.0.0.1:99"}).passed()


def test_gtk_without_its_display_fails() -> None:
    assert not ToolkitProbe(Kind.GTK, {"DISPLAY": "127.0.0.1:99", "WAYLAND_DISPLAY": ""}).passed()


@pytest.mark.parametrize("kind", [Kind.NATIVE, Kind.APP, Kind.BROWSER])
def test_what_cannot_end_the_process_needs_no_trial(kind: Kind) -> None:
    assert ToolkitProbe(kind, {}).passed()


def test_a_trial_can_be_given_up() -> None:
    probe = ToolkitProbe(Kind.QT, OFFSCREEN)
    probe.close()
    probe.close()
