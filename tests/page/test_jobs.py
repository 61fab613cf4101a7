"""The owner saves a copy of a room and brings it back, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.page.conftest import House
from tests.page.person import LOBBY, Person
from tests.support.file_manager import FileManager

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def file_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileManager:
    return FileManager(tmp_path / "bin", monkeypatch)


async def test_a_room_is_saved_and_brought_back(window: Person, house: House) -> None:
    await window.say("Soup is ready")
    await window.reads("Soup is ready")
    await window.see("room-menu").click()
    await window.see("export-jsonl").click()
    await expect(window.see("job-text")).to_have_text(re.compile(r"1 entry is in .+\.jsonl\."))
    (file,) = (house.config.data_dir / "exports").glob("*.jsonl")
    assert str(file) in await window.see("job-text").inner_text()
    await window.see("job-dismiss").click()
    await expect(window.see("job")).to_have_count(0)

    await window.see("import-file").set_input_files(file)
    await expect(window.see("job-text")).to_have_text(f"0 entries are now in {LOBBY}, 1 was there already.")


async def test_the_folder_of_saved_rooms_is_opened(window: Person, house: House, file_manager: FileManager) -> None:
    await window.see("room-menu").click()
    await window.see("export-html").click()
    await window.see("job-reveal").click()
    await file_manager.shows(house.config.data_dir / "exports")
    await expect(window.see("trouble")).to_have_count(0)

    file_manager.leave()
    await window.see("job-reveal").click()
    await expect(window.see("trouble")).to_contain_text(f"The folder is {house.config.data_dir / 'exports'}.")


async def test_a_file_that_is_no_room_is_refused_with_the_reason(window: Person, tmp_path: Path) -> None:
    file = tmp_path / "holiday.jsonl"
    file.write_text("not a room", "utf-8")
    await window.see("import-file").set_input_files(file)
    await expect(window.see("job")).to_have_attribute("data-state", "failed")
    await expect(window.see("job-text")).to_contain_text("Line 1")


async def test_the_menu_is_for_the_keyboard_too_and_for_the_owner_only(window: Person, guest: Person) -> None:
    await guest.see("room-menu").click()
    await expect(guest.see("leave")).to_be_visible()
    for item in ("open-door", "export-jsonl", "import", "stats", "forget"):
        await expect(guest.see(item)).to_have_count(0)
    menu = window.see("room-menu")
    await menu.focus()
    await menu.press("Enter")
    for item in ("favourite", "notices-all"):
        await window.page.keyboard.press("Tab")
        await expect(window.see(item)).to_be_focused()
    await expect(window.see("export-jsonl")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(window.see("export-jsonl")).to_have_count(0)
    await expect(menu).to_be_focused()


async def test_the_statistics_open_without_a_key(window: Person) -> None:
    await window.see("room-menu").click()
    async with window.page.context.expect_page() as opened:
        await window.see("stats").click()
    page = await opened.value
    await expect(page.get_by_role("heading", level=1)).to_have_text("Lanchat in numbers")
