import asyncio
from pathlib import Path

from tests.page.person import Person
from tests.support.conditions import eventually
from tests.support.programs import free_port, lanchat, node_arguments, page_of, window_environment
from tests.unit.desktop.test_browser import stand_in
from tests.unit.desktop.test_notices import Desktop, desktop

__all__ = ["desktop"]  # a fixture


async def test_the_page_may_use_the_clipboard_and_nobody_waits_for_ever(tmp_path: Path, data_dir: Path) -> None:
    port = free_port()
    arguments = node_arguments(data_dir)
    with lanchat(tmp_path / "home", data_dir, *arguments, environ=window_environment(port)):
        async with page_of(port) as page:
            await Person(page).connected()
            await page.get_by_test_id("composer").click()
            async with asyncio.timeout(15):
                assert await page.evaluate("Notification.requestPermission()") == "granted"
                await page.evaluate("navigator.clipboard.writeText('copied')")
                assert await page.evaluate("navigator.clipboard.readText()") == "copied"
                refused = "navigator.mediaDevices.getUserMedia({video: true}).then(() => 'let in', () => 'refused')"
                assert await page.evaluate(refused) == "refused"


async def test_a_link_that_would_replace_the_chat_opens_in_the_browser(tmp_path: Path, data_dir: Path) -> None:
    port, seen = free_port(), tmp_path / "seen"
    other = stand_in(tmp_path / "other", f'printf "%s" "$1" > "{seen}"')
    environ = window_environment(port) | {"BROWSER": f"{other} %s"}
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir), environ=environ):
        async with page_of(port) as page:
            person = Person(page)
            await person.connected()
            await page.evaluate("location.href = 'http://127.0.0.1:9/elsewhere'")
            await eventually(lambda: seen.exists() and seen.read_text() == "http://127.0.0.1:9/elsewhere")
            seen.unlink()
            await page.evaluate("location.href = 'file:///etc/hostname'")
            await page.evaluate("location.href = 'lanchat-unknown:x'")
            await person.say("still here")
            await person.reads("still here")
            assert not seen.exists()


async def test_a_download_is_saved(tmp_path: Path, data_dir: Path) -> None:
    port, downloads = free_port(), tmp_path / "home" / "Downloads"
    downloads.mkdir(parents=True)
    environ = window_environment(port) | {"XDG_DOWNLOAD_DIR": str(downloads)}
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir), environ=environ):
        async with page_of(port) as page:
            await Person(page).connected()
            await page.evaluate(
                """() => Object.assign(document.createElement("a"),
                { href: URL.createObjectURL(new Blob(["kept"])), download: "notes.txt" }).click()"""
            )
            await eventually(lambda: [path.read_text() for path in downloads.glob("notes*.txt")] == ["kept"])


async def test_the_window_is_called_as_the_page(tmp_path: Path, data_dir: Path) -> None:
    port = free_port()
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir), environ=window_environment(port)) as program:
        async with page_of(port) as page:
            await Person(page).connected()
            assert await page.title() != ""
        await asyncio.to_thread(program.asked_to_end)
        assert "Traceback" not in program.err


async def test_what_the_page_tells_is_shown_by_the_system_and_leads_back(
    tmp_path: Path, data_dir: Path, desktop: Desktop
) -> None:
    port = free_port()
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir), environ=window_environment(port)):
        async with page_of(port) as page:
            await Person(page).connected()
            async with asyncio.timeout(15):
                assert await page.evaluate("Notification.requestPermission()") == "granted"
            await page.evaluate(
                """() => {
                window.followed = new Promise((resolve) => {
                    window.told = Object.assign(new Notification("Milo", { body: "Lunch" }), { onclick: resolve });
                });
            }"""
            )
            await eventually(lambda: desktop.shown == [("Milo", "Lunch")])
            desktop.click()
            async with asyncio.timeout(60):
                await page.evaluate("window.followed.then(() => true)")
