"""`backup`, `export` and `import`, with a node and without one."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.here import Here
from tests.support.journal.before import EXPORT, leave
from tests.support.terminal import ANY_PORTS, PATIENCE, Done, begun, lanchat_inside, served


def do(command: str, data_dir: Path, *arguments: str | Path) -> Done:
    return lanchat_inside(command, *arguments, "--data-dir", data_dir)


@pytest.fixture
def left(data_dir: Path) -> Path:
    """The data directory of a node that has ended, with three messages in room tea."""
    with served(data_dir) as (node, _):
        for text in ("one", "two", "three"):
            assert do("send", data_dir, "tea", text).code == 0
        node.end()
    return data_dir


def count(database: Path) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("SELECT count(*) FROM entry").fetchone()[0])
    finally:
        connection.close()


def test_a_backup_beside_a_node(here: Here, room: str, tmp_path: Path) -> None:
    here.do("send", room, "hello")
    copy = tmp_path / "copy.db"
    done = do("backup", here.data_dir, copy)
    assert (done.code, done.out, done.err) == (0, f"The database is copied to {copy}.\n", "")
    assert count(copy) >= 1
    do("backup", here.data_dir, copy).refused(5, "already")
    do("backup", here.data_dir, tmp_path / "nowhere" / "copy.db").refused(5, "cannot be written")


def test_a_backup_without_a_node(left: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert do("backup", left, copy, "--json").objects == [
        {"event": "done", "text": f"The database is copied to {copy}."}
    ]
    assert count(copy) == 3
    do("backup", tmp_path / "nowhere", tmp_path / "other.db").refused(5, "no database")


def test_a_backup_can_be_gone_back_to(left: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert do("backup", left, other / "lanchat.db").code == 0
    with served(other):
        done = do("tail", other, "tea", "--no-follow", "--json")
        assert [event["body"]["text"] for event in done.objects] == ["one", "two", "three"]


def test_a_room_goes_through_files_without_a_node(left: Path, tmp_path: Path) -> None:
    file = tmp_path / "tea.jsonl"
    done = do("export", left, "tea", file)
    assert (done.code, done.out) == (0, f"3 entries are in {file}.\n")
    assert done.err.splitlines()[-1] == "lanchat: exporting 100 %"
    do("export", left, "tea", file).refused(1, "already")
    do("export", left, "coffee").refused(3, "coffee")
    other = tmp_path / "other"
    assert do("import", other, file).out == "3 entries are now in tea.\n"
    assert do("import", other, file, "--json").objects[0]["text"].startswith("0 entries")


def test_a_room_is_carried_to_a_machine_that_no_network_leads_to(left: Path, data_dir: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "stick.jsonl", tmp_path / "other"
    assert do("carry", left, "tea", file).out == f"3 entries are in {file}.\n"
    assert do("carry", other, "--open", file).out == "3 entries came to tea.\n"
    with served(other, *ANY_PORTS):
        assert "kept here, waits for" in do("send", other, "tea", "waits").out
        assert do("carry", other, "--open", file, "--json").objects[-1]["text"].endswith("3 were there already.")
        file.write_text(file.read_text().replace("two", "too"))
        done = do("carry", other, "--open", file)
        assert (done.code, "Line 3 was altered" in done.err) == (2, True)


@pytest.mark.parametrize("name", ["lanchat.db", "backup.db"])
def test_what_lanchat_left_before_is_read_and_brought_in(name: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    leave(name, old / "lanchat.db")
    assert do("import", new, EXPORT).out == "12 entries are now in Kitchen, 1 had no place there.\n"
    assert do("import", old, EXPORT).out == "0 entries are now in Kitchen, 13 were there already.\n"
    for data_dir in (old, new):
        page = tmp_path / f"{data_dir.name}.html"
        assert do("export", data_dir, "Kitchen", page).code == 0
        shown = re.sub(r'<time.*?</time>| id="\w+"| title="[^"]+"', "", page.read_text())
        assert shown.count("<article>") == 3
        old_hand = '<bdi>Ada</bdi> <span class="quiet">(unverified)</span>'
        assert f'<h3>{old_hand}  <span class="quiet">edited</span></h3><p dir="auto">Tea is ready</p>' in shown
        bob = "<bdi>Bob (unverified)</bdi>"
        assert f"<ul><li>🎉 {bob}</li><li>👍 {bob}</li></ul>" in shown
        assert shown.count("<li>") == 2
        assert "Wrong room" not in shown


def test_a_node_exports_to_its_downloads_and_imports(data_dir: Path, tmp_path: Path) -> None:
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    with served(data_dir, *ANY_PORTS, environ={"LANCHAT_DOWNLOADS": str(downloads)}):
        do("send", data_dir, "tea", "hello")
        done = do("export", data_dir, "tea", "--format", "html")
        [file] = downloads.iterdir()
        assert (done.code, done.out, file.suffix) == (0, f"1 entry is in {file}.\n", ".html")
        named = tmp_path / "named.jsonl"
        assert do("export", data_dir, "tea", named).code == 0
        assert do("import", data_dir, named).out == "0 entries are now in tea, 1 was there already.\n"
        do("export", data_dir, "coffee").refused(3, "coffee")
        do("export", data_dir, "coffee", tmp_path / "coffee").refused(3, "coffee")
        do("export", data_dir, " ").refused(2, "room")


@pytest.mark.parametrize("runs", [True, False])
def test_a_file_that_is_no_room(here: Here, tmp_path: Path, runs: bool) -> None:
    data_dir = here.data_dir if runs else tmp_path / "other"
    file = tmp_path / "diary"
    file.write_text("Dear diary\n")
    for path, words in ((file, "Line 1"), (tmp_path / "nowhere", "cannot be read")):
        done = do("import", data_dir, path)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("lanchat: ")
        assert words in done.err


def test_the_name_of_the_file_says_its_form(left: Path, tmp_path: Path) -> None:
    assert do("export", left, "tea", tmp_path / "tea.html").code == 0
    assert (tmp_path / "tea.html").read_text().startswith("<!DOCTYPE html>")
    assert do("export", left, "tea", tmp_path / "tea", "--format", "html").code == 0
    assert (tmp_path / "tea").read_text() == (tmp_path / "tea.html").read_text()


def test_an_interruption_ends_it_and_leaves_no_file(left: Path, tmp_path: Path) -> None:
    database = sqlite3.connect(left / "lanchat.db")
    with database:
        database.execute(
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
            INSERT INTO entry SELECT (SELECT max(key) FROM entry) + i, 1, 'n' || i, 'a', 'Ada', 0, 'message',
                '{"text": "x"}', NULL, '', '', 0 FROM n"""
        )
    database.close()
    with begun("export", "tea", tmp_path / "tea.jsonl", "--data-dir", left, "--json") as export:
        assert "progress" in export._err.readline()
        export.process.send_signal(signal.SIGINT)
        assert export.process.wait(PATIENCE) == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_on_a_terminal_the_line_changes(left: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lanchat", "export", "tea", str(tmp_path / "tea"), "--data-dir", str(left)]
    done = subprocess.run(command, stderr=theirs, stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert shown.startswith("\rexporting   0 %\x1b[K")
    assert shown.endswith("\rexporting 100 %\x1b[K\r\x1b[K")
    assert done.stdout.decode() == f"3 entries are in {tmp_path / 'tea'}.\n"
