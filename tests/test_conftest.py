"""The check that nothing is left behind finds what is left behind, and only that."""

import os
import subprocess
import sys
from pathlib import Path

from lanchat.config import Config, load_config

ROOT = Path(__file__).parent.parent

CONFTEST = """
import tests.conftest
from tests.conftest import *

tests.conftest._PATIENCE = 0.1
"""

BAD = """
import asyncio, socket, threading

kept = []

def test_thread():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="forgotten", daemon=True)
    thread.start()
    kept.append((stop, thread))

def test_socket():
    kept.append(socket.socket())

async def test_task():
    kept.append(asyncio.get_running_loop().create_task(asyncio.Event().wait()))

async def test_clean():
    await asyncio.to_thread(sum, [1, 2])
    reader, writer = await asyncio.open_connection(sock=socket.create_connection(listening.getsockname()))
    writer.close()

listening = socket.create_server(("127.0.0.1", 0))
"""


def test_what_is_left_behind_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_bad.py").write_text(BAD)
    options = ["-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_bad.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    errors = {line.split("::")[1].split(" ")[0] for line in done.stdout.splitlines() if line.startswith("ERROR ")}
    assert errors == {"test_thread", "test_socket", "test_task"}, done.stdout
    assert "forgotten" in done.stdout
    assert "4 passed" in done.stdout


def test_a_test_never_meets_the_settings_of_a_person(config: Config) -> None:
    assert load_config({}).room == ""
    assert not [name for name in os.environ if name.startswith("LANCHAT_")]
    assert not config.data_dir.exists()
