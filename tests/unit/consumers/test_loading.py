"""An object by what a command line calls it."""

from pathlib import Path

import pytest

from lanchat.consumers.errors import NotLoadable
from lanchat.consumers.loading import load


def test_an_object_is_loaded() -> None:
    assert load("pathlib:Path") is Path
    assert load("pathlib:Path.exists") is Path.exists


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("pathlib", "as package.module:name, unlike 'pathlib'"),
        ("pathlib:", "as package.module:name"),
        (":Path", "as package.module:name"),
        ("../pathlib:Path", "as package.module:name"),
        ("pathlib:__import__('os')", "as package.module:name"),
        ("no.such:thing", "There is no module no;"),
        ("asyncio.nosuch:thing", "There is no module asyncio.nosuch;"),
        ("pathlib:Trail", "There is no Trail in pathlib"),
    ],
)
def test_what_is_not_there_is_named(path: str, sentence: str) -> None:
    with pytest.raises(NotLoadable, match=sentence):
        load(path)


def test_what_a_module_misses_itself_is_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lacking.py").write_text("import no_such_package_at_all", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_package_at_all"):
        load("lacking:app")
