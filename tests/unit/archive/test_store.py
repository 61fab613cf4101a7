"""Files under names that say what they are: none is overwritten, none is left half-written."""

from pathlib import Path

import pytest

from lanchat.archive.store import Downloads


@pytest.fixture
def wanted(tmp_path: Path) -> Path:
    (tmp_path / "wanted").mkdir()
    return tmp_path / "wanted"


@pytest.fixture
def downloads(wanted: Path, tmp_path: Path) -> Downloads:
    return Downloads(wanted, tmp_path / "far" / "instead")


def put(downloads: Downloads, title: str, text: str = "x") -> Path:
    with downloads.draft("key") as draft:
        draft.write_text(text, "utf-8")
        return downloads.publish(draft, title, ".jsonl")


def test_a_finished_file_has_its_name_and_nothing_else_is_there(downloads: Downloads, wanted: Path) -> None:
    path = put(downloads, "Kitchen 2026-11-22", "soup")
    assert path == wanted / "Kitchen 2026-11-22.jsonl"
    assert path.read_text("utf-8") == "soup"
    assert list(wanted.iterdir()) == [path]


def test_no_file_is_overwritten(downloads: Downloads) -> None:
    paths = [put(downloads, "Kitchen", text) for text in ("one", "two", "three")]
    assert [path.name for path in paths] == ["Kitchen.jsonl", "Kitchen (2).jsonl", "Kitchen (3).jsonl"]
    assert [path.read_text("utf-8") for path in paths] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b\\c:d", "a_b_c_d.jsonl"),
        ("../../etc", "_.._etc.jsonl"),
        ("Küche 🍲", "Küche 🍲.jsonl"),
        ("a\nb\x00", "a_b_.jsonl"),
        ("...", "_.jsonl"),
        (" room. ", "room.jsonl"),
        ("ä" * 200, "ä" * 60 + ".jsonl"),
    ],
)
def test_every_room_has_a_name_that_a_file_can_have(downloads: Downloads, wanted: Path, title: str, name: str) -> None:
    assert put(downloads, title) == wanted / name


def test_a_draft_that_is_not_published_is_gone(downloads: Downloads, wanted: Path) -> None:
    with downloads.draft("key") as draft:
        draft.write_text("half", "utf-8")
    assert list(wanted.iterdir()) == []


def test_without_a_folder_for_downloads_files_go_elsewhere(tmp_path: Path) -> None:
    downloads = Downloads(tmp_path / "nowhere", tmp_path / "far" / "instead")
    assert put(downloads, "Kitchen") == tmp_path / "far" / "instead" / "Kitchen.jsonl"
    assert not (tmp_path / "nowhere").exists()


def test_a_draft_that_cannot_be_named_takes_no_name(
    downloads: Downloads, wanted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="Input/output"):
        put(downloads, "Kitchen")
    assert list(wanted.iterdir()) == []
