"""Where exports are is shown by a real program, found as the desktop's own would be."""

import sys
from pathlib import Path

import pytest

from lanchat.archive.revealing import reveal
from lanchat.errors import JobError
from tests.support.file_manager import FileManager

pytestmark = pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="Linux and the like call it xdg-open.")


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileManager:
    return FileManager(tmp_path / "bin", monkeypatch)


async def test_a_folder_is_shown(tmp_path: Path, manager: FileManager) -> None:
    folder = tmp_path / "a b; $(c)"
    folder.mkdir()
    await reveal(folder)
    await manager.shows(folder)


async def test_a_program_that_fails_is_named_with_the_folder(tmp_path: Path, manager: FileManager) -> None:
    manager.leave()
    with pytest.raises(JobError, match=rf"xdg-open could not show it. The folder is {tmp_path}"):
        await reveal(tmp_path)


async def test_where_nobody_can_see_it_the_folder_is_told(
    tmp_path: Path, manager: FileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    del manager
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(JobError, match=rf"no file manager .* {tmp_path}"):
        await reveal(tmp_path)


@pytest.mark.usefixtures("manager")
async def test_a_folder_that_is_not_there_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="There is no"):
        await reveal(tmp_path / "none")
