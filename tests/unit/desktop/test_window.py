import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from lanchat import runtime
from lanchat.desktop.choice import Kind
from lanchat.desktop.shutdown import Shutdown
from lanchat.desktop.window import Window
from tests.page.person import Person
from tests.support.conditions import wait_until
from tests.support.file_manager import FileManager
from tests.support.programs import START, a_room, free_port, lanchat, node_arguments, page_of, window_environment

_CLOSE = """
import sys, threading, time
import webview
from lanchat.cli import main

def close():
    while not webview.windows or not webview.windows[0].events.loaded.wait(0.1):
        time.sleep(0.01)
    print("closed at", time.time(), flush=True)
    webview.windows[0].native.destroy_trigger.emit()  # the close event that a click on the window's cross sends

threading.Thread(target=close, daemon=True).start()
main(sys.argv[1:])
"""


def test_closing_the_window_ends_the_program(tmp_path: Path, data_dir: Path) -> None:
    command = (sys.executable, "-c", _CLOSE)
    arguments = node_arguments(data_dir)
    environ = {"QT_QPA_PLATFORM": "offscreen"}
    with lanchat(tmp_path / "home", data_dir, *arguments, environ=environ, command=command) as program:
        assert program.ends() == 0
        ended = time.time()
        assert ended - float(program.out.rpartition(" ")[2]) < 2
        assert "Traceback" not in program.err
    assert runtime.read(data_dir) is None


async def test_two_windows_on_one_directory_do_not_lame_each_other(tmp_path: Path, data_dir: Path) -> None:
    home, room, ports = tmp_path / "home", a_room(), (free_port(), free_port())
    arguments = node_arguments(data_dir, room)
    with lanchat(home, data_dir, "serve", *arguments) as node:
        node.listens()
        with (
            lanchat(home, data_dir, *arguments, environ=window_environment(ports[0])),
            lanchat(home, data_dir, *arguments, environ=window_environment(ports[1])),
        ):
            for port in ports:
                async with page_of(port) as page, asyncio.timeout(30):
                    await Person(page).connected()
                    assert await page.evaluate("(localStorage.setItem('k', 'v'), localStorage.getItem('k'))") == "v"


async def test_a_reloaded_page_is_let_in_again(tmp_path: Path, data_dir: Path) -> None:
    port = free_port()
    arguments = node_arguments(data_dir)
    with lanchat(tmp_path / "home", data_dir, *arguments, environ=window_environment(port)):
        async with page_of(port) as page:
            person = Person(page)
            await person.connected()
            await person.say("before")
            await person.reads("before")
            await page.reload()
            await person.connected()
            await person.reads("before")


async def test_the_folder_of_a_saved_room_is_opened_from_the_window(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, file_manager = free_port(), FileManager(tmp_path / "bin", monkeypatch)
    environ = {**window_environment(port), "DISPLAY": ":99"}
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir, a_room()), environ=environ):
        async with page_of(port) as page:
            person = Person(page)
            await person.connected()
            await person.say("Worth keeping")
            await person.reads("Worth keeping")
            await person.see("room-menu").click()
            await person.see("export-html").click()
            await person.see("job-reveal").click()
            await file_manager.shows(data_dir / "exports")


def test_the_size_of_the_window_is_kept(tmp_path: Path, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "window.json").write_text(json.dumps({"width": 640, "height": 480}))
    with lanchat(
        tmp_path / "home", data_dir, *node_arguments(data_dir), environ=window_environment(free_port())
    ) as program:
        program.listens()
        wait_until((data_dir / "window").exists, START, "the window was made")
        program.asked_to_end()
    kept = json.loads((data_dir / "window.json").read_text())
    assert (kept["width"], kept["height"]) == (640, 480)


async def test_what_the_page_stored_last_outlives_a_signal(tmp_path: Path, data_dir: Path) -> None:
    home, ports = tmp_path / "home", (free_port(), free_port())
    # The same port both times: storage belongs to an address.
    arguments = (*node_arguments(data_dir), "--window-port", str(free_port()))
    with lanchat(home, data_dir, *arguments, environ=window_environment(ports[0])) as first:
        async with page_of(ports[0]) as page:
            await Person(page).connected()
            await page.evaluate("localStorage.setItem('last', 'words')")
        assert (await asyncio.to_thread(first.asked_to_end))[0] == 0
        assert "Expect troubles" not in first.err  # Qt: a page outlived its profile
    with lanchat(home, data_dir, *arguments, environ=window_environment(ports[1])):
        async with page_of(ports[1]) as page:
            await Person(page).connected()
            assert await page.evaluate("localStorage.getItem('last')") == "words"


@pytest.mark.parametrize(
    ("renderer", "usable"),
    [("qtwebengine", True), ("gtkwebkit2", True), ("edgechromium", True), ("wkwebview", True), ("mshtml", False)],
)
def test_only_web_views_that_can_show_the_page_are_used(data_dir: Path, renderer: str, usable: bool) -> None:
    window = Window(Kind.NATIVE, "http://127.0.0.1:1/#t=x", data_dir, Shutdown(), lambda: "")
    said: list[bool] = []
    assert window._accept(renderer, said) is usable
    assert said == [usable]


def test_a_window_that_is_not_open_is_not_brought_to_the_front(data_dir: Path) -> None:
    window = Window(Kind.QT, "http://127.0.0.1:1/#t=x", data_dir, Shutdown(), lambda: "")
    assert not window.front()
    window.close()
