"""Lanchat as a process of its own, with its own home and its own place on loopback, and its window over CDP."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Playwright, async_playwright
from playwright.async_api import TimeoutError as NoAnswer

from lanchat import runtime
from lanchat.runtime import Running
from tests.support.conditions import eventually, wait_until
from tests.support.places import ROOT

START = 60.0
"""Seconds that a start may take on a machine that is busy with other things."""
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "QT_QPA_PLATFORM")


def a_room() -> str:
    """Name a room that no other test on this machine uses: nodes on loopback find each other."""
    return f"room {uuid.uuid4().hex[:12]}"


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment without a display and without anything that the user has set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LANCHAT_") and key not in _DISPLAYS}
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    return kept | folders | {"HOME": str(home), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)} | more


class Program:
    """One run of `lanchat` with these arguments.

    Args:
        home: the run's home directory, where its output goes as well.
        data_dir: its data directory.
        arguments: after `lanchat`.
        environ: variables to add to a bare environment.
        command: the program; this Python's Lanchat unless given.
    """

    def __init__(
        self,
        home: Path,
        data_dir: Path,
        *arguments: str,
        environ: dict[str, str] | None = None,
        command: tuple[str, ...] = (sys.executable, "-m", "lanchat"),
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.data_dir = data_dir
        self._stdout, self._stderr = (home / f"{uuid.uuid4().hex}.{name}" for name in ("out", "err"))
        with self._stdout.open("wb") as out, self._stderr.open("wb") as err:
            self.process = subprocess.Popen(
                [*command, *arguments],
                cwd=home,
                env=environment(home, **(environ or {})),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        """What it has written to stdout."""
        return self._stdout.read_text("utf-8")

    @property
    def err(self) -> str:
        """What it has written to stderr."""
        return self._stderr.read_text("utf-8")

    def says(self, text: str) -> None:
        """Wait until stdout holds the text."""
        wait_until(lambda: text in self.out or self._gone(), START, f"{text!r} in {self.out!r}; stderr: {self.err}")
        assert text in self.out, self.err

    def listens(self) -> Running:
        """Wait until its node runs, and say where."""
        wait_until(lambda: runtime.read(self.data_dir) or self._gone(), START, "the node's runtime file")
        node = runtime.read(self.data_dir)
        assert node is not None, f"it ended with {self.process.returncode}: {self.err}"
        return node

    def ends(self, seconds: float = START) -> int:
        """Wait for its end, and give its exit code."""
        return self.process.wait(seconds)

    def asked_to_end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; give the exit code and how many seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        return self.ends(), time.monotonic() - begun

    def kill(self) -> None:
        """End it and its children, whatever they do."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _gone(self) -> bool:
        return self.process.poll() is not None


@contextmanager
def lanchat(home: Path, data_dir: Path, *arguments: str, **options: Any) -> Iterator[Program]:
    """Run `lanchat` with these arguments while the block runs."""
    program = Program(home, data_dir, *arguments, **options)
    try:
        yield program
    finally:
        program.kill()


def node_arguments(data_dir: Path, room: str = "") -> tuple[str, ...]:
    """Return the arguments of a node that keeps to loopback, at any free ports."""
    place = ("--bind", "127.0.0.1", "--port", "0", "--window-port", "0", "--data-dir", str(data_dir))
    return (*place, "--room", room or a_room())


def window_environment(port: int) -> dict[str, str]:
    """Return what makes a window draw into memory and answer a debugger."""
    return {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{port}"}


def free_port() -> int:
    """Name a port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def _attached(playwright: Playwright, url: str) -> Browser:
    """Take hold of a window; one that opens its page just then does not answer, and is asked again."""
    end = time.monotonic() + START
    while True:
        try:
            # no_defaults: QtWebEngine does not know the commands that playwright sends by default.
            return await playwright.chromium.connect_over_cdp(url, no_defaults=True, timeout=5_000)
        except NoAnswer:
            if time.monotonic() > end:
                raise


@asynccontextmanager
async def page_of(port: int) -> AsyncIterator[Page]:
    """Take hold of the page in the window that answers at this debugger's port."""

    def listens() -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) == 0

    await eventually(listens, START, "the window's debugger")
    async with async_playwright() as playwright:
        browser = await _attached(playwright, f"http://127.0.0.1:{port}")
        try:
            context = browser.contexts[0]
            pages = await eventually(
                lambda: [page for page in context.pages if page.url.startswith("http://127.")], START
            )
            yield pages[0]
        finally:
            await browser.close()
