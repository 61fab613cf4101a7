import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lanchat import runtime
from tests.page.person import Person
from tests.support.conditions import wait_until
from tests.support.here import ENDING
from tests.support.programs import START, a_room, free_port, lanchat, node_arguments, page_of, window_environment
from tests.unit.desktop.test_browser import stand_in

DEAD_DISPLAY = {"DISPLAY": "127.0.0.1:99"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_message_is_written_in_the_window_and_a_signal_ends_it(
    tmp_path: Path, data_dir: Path, number: int
) -> None:
    port, room = free_port(), a_room()
    arguments = node_arguments(data_dir, room)
    with lanchat(tmp_path / "home", data_dir, *arguments, environ=window_environment(port)) as program:
        async with page_of(port) as page:
            person = Person(page)
            await person.connected()
            await person.say("hello from the window")
            await person.reads("hello from the window")
            assert await page.evaluate("window.isSecureContext")
            assert "#t=" not in page.url
        code, seconds = await asyncio.to_thread(program.asked_to_end, number)
        assert code == 0
        assert seconds < ENDING
        assert "Traceback" not in program.err
    assert runtime.read(data_dir) is None


async def test_a_second_start_brings_the_first_window_to_the_front(tmp_path: Path, data_dir: Path) -> None:
    port = free_port()
    arguments = node_arguments(data_dir)
    with lanchat(tmp_path / "home", data_dir, *arguments, environ=window_environment(port)) as first:
        async with page_of(port) as page:
            await Person(page).connected()
            second_port = free_port()
            with lanchat(tmp_path / "home", data_dir, *arguments, environ=window_environment(second_port)) as second:
                assert await asyncio.to_thread(second.ends) == 0
                assert second.out == ""
            await Person(page).connected()
        assert first.process.poll() is None


async def test_a_start_beside_a_node_without_a_window_shows_one(tmp_path: Path, data_dir: Path) -> None:
    port, room = free_port(), a_room()
    home = tmp_path / "home"
    with lanchat(home, data_dir, "serve", *node_arguments(data_dir, room)) as node:
        node.listens()
        with lanchat(home, data_dir, *node_arguments(data_dir, room), environ=window_environment(port)) as window:
            async with page_of(port) as page:
                await Person(page).connected()
            code, seconds = await asyncio.to_thread(window.asked_to_end)
            assert code == 0
            assert seconds < ENDING
        assert node.process.poll() is None
        assert runtime.read(data_dir) is not None


def test_a_killed_programs_file_stops_nobody(tmp_path: Path, data_dir: Path) -> None:
    home, arguments = tmp_path / "home", node_arguments(data_dir)
    with lanchat(home, data_dir, *arguments, environ=window_environment(free_port())) as first:
        first.listens()
        first.kill()
    left = runtime.read(data_dir)
    assert left is not None
    with lanchat(home, data_dir, *arguments, environ=window_environment(free_port())) as second:
        wait_until(lambda: (now := runtime.read(data_dir)) is not None and now.pid != left.pid, START, second.err)
        assert second.process.poll() is None


def test_without_a_display_it_runs_without_a_window_and_says_so(tmp_path: Path, data_dir: Path) -> None:
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir)) as program:
        program.says("No window can be opened")
        program.says(program.listens().lan)
        code, seconds = program.asked_to_end()
        assert code == 0
        assert seconds < ENDING
        assert "Traceback" not in program.err


def test_where_the_display_is_dead_a_browser_is_opened(tmp_path: Path, data_dir: Path) -> None:
    programs, seen = tmp_path / "programs", tmp_path / "seen"
    programs.mkdir()
    stand_in(programs / "chromium", f'cp "$(printf "%s" "$1" | sed "s#--app=file://##")" "{seen}"; exec sleep 600')
    environ = DEAD_DISPLAY | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir), environ=environ) as program:
        window = program.listens().window
        wait_until(lambda: seen.exists() and f'href="{window}' in seen.read_text(), START, "the browser was started")
        code, seconds = program.asked_to_end()
        assert code == 0
        assert seconds < ENDING
    assert not (data_dir / "open.html").exists()


def test_a_browser_that_does_not_start_is_passed_over(tmp_path: Path, data_dir: Path) -> None:
    programs, seen = tmp_path / "programs", tmp_path / "seen"
    programs.mkdir()
    stand_in(programs / "chromium", "exit 1")
    other = stand_in(programs / "other", f'touch "{seen}"')
    environ = DEAD_DISPLAY | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "BROWSER": f"{other} %s"}
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir), environ=environ) as program:
        wait_until(seen.exists, START, f"the other browser was started: {program.err}")
        assert program.process.poll() is None
        assert program.asked_to_end()[0] == 0


def test_a_node_that_cannot_start_leaves_no_window(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    arguments = node_arguments(file)
    with lanchat(tmp_path / "home", file, *arguments, environ=window_environment(free_port())) as program:
        assert program.ends() == 5
        assert program.err.startswith("lanchat: ")
        assert "Traceback" not in program.err


def test_serving_loads_no_window() -> None:
    modules = "lanchat.cli, lanchat.commands.serve"
    code = f"import sys, {modules}; print([m for m in ('webview', 'PySide6') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
