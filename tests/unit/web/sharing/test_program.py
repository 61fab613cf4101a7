"""The program file: which it is, and what is in it."""

import hashlib
import sys
from pathlib import Path

import pytest

from lanchat.web.sharing import ProgramFile

CONTENT = b"a program" * 10_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "lanchat"
    made.write_bytes(CONTENT)
    return made


async def test_it_is_described_with_its_hash(file: Path) -> None:
    program = await ProgramFile(file).describe()
    assert program is not None
    assert (program.name, program.size, program.system) == ("lanchat", 90_000, sys.platform)
    assert program.sha256 == hashlib.sha256(CONTENT).hexdigest()


async def test_a_newer_file_in_its_place_is_read_anew(file: Path, tmp_path: Path) -> None:
    program = ProgramFile(file)
    before = await program.describe()
    newer = tmp_path / "newer"
    newer.write_bytes(b"another program")
    newer.replace(file)
    opened = await program.open()
    assert opened is not None
    assert before is not None
    with opened[0] as inside:
        read = inside.read()
    assert read == b"another program"
    assert opened[1].sha256 == hashlib.sha256(read).hexdigest() != before.sha256


async def test_a_file_that_is_gone_is_none(tmp_path: Path) -> None:
    assert await ProgramFile(tmp_path / "gone").describe() is None


async def test_from_its_source_there_is_none_and_neither_from_a_folder_of_files(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ProgramFile.running().describe() is None
    monkeypatch.setattr(sys, "executable", str(file))
    monkeypatch.setattr(sys, "_MEIPASS", str(file.parent / "_internal"), raising=False)
    assert await ProgramFile.running().describe() is None
    monkeypatch.setattr(sys, "_MEIPASS", str(file.parent / "_MEI12ab"), raising=False)
    program = await ProgramFile.running().describe()
    assert program is not None
    assert program.name == "lanchat"
