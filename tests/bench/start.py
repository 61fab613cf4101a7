"""From the start of the program to a node that listens, and to a window that shows its page."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from tests.bench.programs import ROOT
from tests.bench.rows import BenchFailed, Row, against, plain
from tests.support.conditions import wait_until

NAME = "start"
LISTENING, PAINTED = 2.0, 4.0
"""Times as long as the imports alone: what is to be reached."""
_IMPORTS = "import aiohttp.web, zeroconf, msgspec, apsw"
_PATIENCE = 30.0
_UNDISTURBED = 3.0
"""Seconds in which nobody asks the window. It keeps the time of its paint, and being asked would slow its start."""
_PAINTED = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return paint ? (performance.timeOrigin + paint.startTime) / 1000 : null;
}"""


def measure(*, quick: bool = False) -> list[Row]:
    """Start a node, and the desktop program without a screen, in turn with a Python that only imports."""
    imports: list[float] = []
    listening: list[float] = []
    painted: list[float] = []
    with sync_playwright() as playwright:
        for turn in range(-1, 3 if quick else 9):
            figures = _importing(), _until_listening(), _until_painted(playwright)
            if turn >= 0:
                for column, figure in zip((imports, listening, painted), figures, strict=True):
                    column.append(figure)
    peer = "imports alone"
    return [
        plain(NAME, f"python -c '{_IMPORTS}'", imports, "s"),
        against(NAME, "to listening", listening, "s", peer=peer, peers=imports, most=LISTENING),
        against(NAME, "to a painted window", painted, "s", peer=peer, peers=imports, most=PAINTED),
    ]


def _importing() -> float:
    began = time.time()
    subprocess.run([sys.executable, "-c", _IMPORTS], check=True)
    return time.time() - began


def _until_listening() -> float:
    with _lanchat("serve", "--json") as (process, began):
        assert process.stdout is not None
        line = process.stdout.readline()
        taken = time.time() - began
        try:
            json.loads(line)
        except ValueError:
            raise BenchFailed(f"lanchat serve did not say that it is ready but {line!r}") from None
        return taken


def _until_painted(playwright: Playwright) -> float:
    port = _free_port()
    screen = {
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{port}",
    }
    with _lanchat(environ=screen) as (process, began):
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise BenchFailed(f"lanchat ended with code {process.wait(_UNDISTURBED)}")
        wait_until(lambda: _listens(port), _PATIENCE, "the window can be asked")
        browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}", no_defaults=True)
        with contextlib.closing(browser):
            painted = wait_until(lambda: _painted_at(browser), _PATIENCE, "a page is painted")
        assert painted is not None
        return painted - began


@contextlib.contextmanager
def _lanchat(
    *arguments: str, environ: Mapping[str, str] | None = None
) -> Iterator[tuple["subprocess.Popen[str]", float]]:
    """Run `lanchat` with nothing of this machine's settings; gives the process and the time of its start."""
    with tempfile.TemporaryDirectory() as home:
        own = {f"XDG_{name}_HOME": str(Path(home, name.lower())) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        settings = {"PORT": "0", "WINDOW_PORT": "0", "BIND": "127.0.0.1", "DATA_DIR": str(Path(home, "lanchat"))}
        env = os.environ | own | {"HOME": home} | {f"LANCHAT_{key}": value for key, value in settings.items()}
        command = [sys.executable, "-m", "lanchat", *arguments]
        began = time.time()
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=env | dict(environ or {}),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if environ else None,  # Qt tells at length that it has no screen
            start_new_session=True,
        ) as process:
            try:
                yield process, began
            finally:
                _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _painted_at(browser: Browser) -> float | None:
    for page in browser.contexts[0].pages:
        if page.url.startswith("http://127.0.0.1"):
            with contextlib.suppress(Error):  # it has just navigated
                painted: float | None = page.evaluate(_PAINTED)
                return painted
    return None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
