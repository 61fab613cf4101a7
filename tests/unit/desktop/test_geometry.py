import json
from pathlib import Path

import pytest

from lanchat.desktop.geometry import SMALLEST, Geometry, load, save


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    kept = Geometry(width=700, height=500, x=-40, y=12, maximized=True)
    save(tmp_path, kept)
    assert load(tmp_path) == kept
    assert [path.name for path in tmp_path.iterdir()] == ["window.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"width": "wide"}', b"\xff\xfe", b"null"])
def test_a_damaged_file_costs_only_the_size(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "window.json").write_bytes(content)
    assert load(tmp_path) == Geometry()


def test_the_first_start_has_a_size() -> None:
    assert load(Path("/nonexistent")) == Geometry()


@pytest.mark.parametrize(("kept", "shown"), [(1, SMALLEST), (10**9, (16_384, 16_384))])
def test_a_size_that_no_screen_has_is_not_used(tmp_path: Path, kept: int, shown: tuple[int, int]) -> None:
    (tmp_path / "window.json").write_text(json.dumps({"width": kept, "height": kept}))
    assert (load(tmp_path).width, load(tmp_path).height) == shown


def test_a_directory_that_cannot_be_written_to_costs_only_the_size(tmp_path: Path) -> None:
    save(tmp_path / "missing", Geometry())
