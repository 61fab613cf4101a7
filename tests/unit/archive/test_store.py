"""Files under names that say what they are: none is overwritten, none is left half-written."""

from pathlib import Path

import pytest

from lanchat.archive.store import DownloadFolder, NamedFile


@pytest.fixture
def wanted(tmp_path: Path) -> Path:
    (tmp_path / "wanted").mkdir()
    return tmp_path / "wanted"


@pytest.fixture
def downloads(wanted: Path, tmp_path: Path) -> DownloadFolder:
    return DownloadFolder(wanted, tmp_path / "far" / "instead")


def put(downloads: DownloadFolder, title: str, text: str = "x") -> Path:
    draft = downloads.draft()
    draft.write_text(text, "utf-8")
    return downloads.publish(draft, title, ".jsonl")


def test_a_finished_file_has_its_name_and_nothing_else_is_there(downloads: DownloadFolder, wanted: Path) -> None:
    path = put(downloads, "Kitchen 2026-11-22", "soup")
    assert path == wanted / "Kitchen 2026-11-22.jsonl"
    assert path.read_text("utf-8") == "soup"
    assert list(wanted.iterdir()) == [path]


def test_no_file_is_overwritten(downloads: DownloadFolder) -> None:
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
        ("CON", "_CON.jsonl"),
        ("nul.tar 2026-11-28", "_nul.tar 2026-11-28.jsonl"),
        ("Com1 .x", "_Com1 .x.jsonl"),
        ("lpt³", "_lpt³.jsonl"),
        ("console", "console.jsonl"),
        ("غرفة الاجتماع", "غرفة الاجتماع.jsonl"),
        ("x" * 119 + ". y", "x" * 119 + ".jsonl"),
        ("ä" * 200, "ä" * 60 + ".jsonl"),
    ],
)
def test_every_room_has_a_name_that_a_file_can_have(
    downloads: DownloadFolder, wanted: Path, title: str, name: str
) -> None:
    assert put(downloads, title) == wanted / name


def test_two_drafts_are_two_hidden_files(downloads: DownloadFolder, wanted: Path) -> None:
    one, two = downloads.draft(), downloads.draft()
    assert one != two
    assert one.parent == two.parent == wanted
    assert one.name.startswith(".")
    assert str(downloads) == f"a file in {wanted}"


def test_a_file_that_was_named_is_replaced_when_the_draft_is_finished(tmp_path: Path) -> None:
    named = NamedFile(tmp_path / "mine.html")
    (tmp_path / "mine.html").write_text("before", "utf-8")
    draft = named.draft()
    assert (draft, str(named)) == (tmp_path / "mine.html.part", str(tmp_path / "mine.html"))
    draft.write_text("after", "utf-8")
    assert named.publish(draft, "Kitchen", ".html") == tmp_path / "mine.html"
    assert (tmp_path / "mine.html").read_text("utf-8") == "after"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.html"]


def test_without_a_folder_for_downloads_files_go_elsewhere(tmp_path: Path) -> None:
    downloads = DownloadFolder(tmp_path / "nowhere", tmp_path / "far" / "instead")
    assert put(downloads, "Kitchen") == tmp_path / "far" / "instead" / "Kitchen.jsonl"
    assert not (tmp_path / "nowhere").exists()


def test_a_draft_that_cannot_be_named_takes_no_name(
    downloads: DownloadFolder, wanted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="Input/output"):
        put(downloads, "Kitchen")
    assert list(wanted.glob("Kitchen*")) == []
