import importlib.util
import sys
from pathlib import Path

import pytest

from lanchat.desktop import gtk


@pytest.fixture(autouse=True)
def _no_gi_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gi", raising=False)
    if importlib.util.find_spec("gi") is not None:
        pytest.skip("this Python brings a gi of its own")


def test_without_the_distributions_library_there_is_no_gtk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gtk, "system_gi", lambda: None)
    with pytest.raises(ImportError, match="no PyGObject"):
        gtk.load()


def test_the_distributions_library_is_loaded_under_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__init__.py").write_text("from gi import part\n")
    (tmp_path / "part.py").write_text("WHERE = __name__\n")
    monkeypatch.setattr(gtk, "system_gi", lambda: tmp_path)
    gtk.load()
    assert sys.modules["gi"].part.WHERE == "gi.part"
    monkeypatch.delitem(sys.modules, "gi.part")


def test_a_library_that_fails_leaves_nothing_half_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__init__.py").write_text("raise ImportError('another Python')\n")
    monkeypatch.setattr(gtk, "system_gi", lambda: tmp_path)
    with pytest.raises(ImportError, match="another Python"):
        gtk.load()
    assert "gi" not in sys.modules


class View:
    """Stands in for a web view that has a title and says when it changes."""

    title = ""

    def connect(self, signal: str, handler: object) -> None:
        assert signal == "notify::title"
        self.changed = handler

    def get_title(self) -> str:
        return self.title


class Scrolled:
    """Stands in for what pywebview puts between the window and the view."""

    def __init__(self, view: View) -> None:
        self._view = view

    def get_child(self) -> View:
        return self._view


class Native:
    """Stands in for pywebview's window."""

    def __init__(self, view: View) -> None:
        self._child, self.titles = Scrolled(view), list[str]()

    def get_child(self) -> Scrolled:
        return self._child

    def set_title(self, title: str) -> None:
        self.titles.append(title)


def test_the_window_is_called_as_the_page() -> None:
    view = View()
    native = Native(view)
    gtk.mend(native, "Lanchat")
    for title in ("", "(2) general", ""):
        view.title = title
        view.changed()  # type: ignore[operator]
    assert native.titles == ["Lanchat", "(2) general", "Lanchat"]
