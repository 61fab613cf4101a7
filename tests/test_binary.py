"""The frozen program. It is built by `make binary`, which builds nothing when nothing has changed."""

import contextlib
import gzip
import os
import re
import shutil
import signal
import subprocess
import time
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lanchat.web.page import IMMUTABLE
from tests.support.conditions import wait_until
from tests.support.here import ENDING
from tests.support.places import ROOT
from tests.support.programs import START, lanchat, node_arguments

_BUILD = 900


@pytest.fixture(scope="session")
def binary() -> tuple[str]:
    """The program file, built from the sources that are here."""
    if shutil.which("make") is None:
        pytest.skip("make is missing")
    environ = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    built = subprocess.run(
        ["make", "binary"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=_BUILD, check=False
    )
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    return (str(ROOT / "dist" / "lanchat"),)


@pytest.fixture
def unpacked(tmp_path: Path) -> dict[str, str]:
    """A folder of this test's own for what the program unpacks."""
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return {"TMPDIR": str(folder)}


def test_the_self_test_passes_inside_it(
    tmp_path: Path, data_dir: Path, binary: tuple[str], unpacked: dict[str, str]
) -> None:
    with lanchat(tmp_path / "home", data_dir, "selftest", command=binary, environ=unpacked) as program:
        assert program.ends(120) == 0, program.out + program.err
        assert "✗" not in program.out


def test_it_serves_ends_on_a_signal_and_leaves_nothing_unpacked(
    tmp_path: Path, data_dir: Path, binary: tuple[str], unpacked: dict[str, str]
) -> None:
    begun = time.monotonic()
    arguments = ("serve", *node_arguments(data_dir))
    with lanchat(tmp_path / "home", data_dir, *arguments, command=binary, environ=unpacked) as program:
        node = program.listens()
        assert time.monotonic() - begun < START
        for url in (node.window, node.lan):
            _serves_the_page_compressed(url)
        wait_until(lambda: "Ctrl-C" in program.out, START)
        code, seconds = program.asked_to_end(signal.SIGTERM)
        assert code == 0, program.err
        assert seconds < ENDING
        assert "Traceback" not in program.err
    assert list(Path(unpacked["TMPDIR"]).iterdir()) == []


def _serves_the_page_compressed(url: str) -> None:
    """The page and what it names come in a content coding, from what was packed into the program."""
    page, _ = _asked(url, "/")
    script = re.search(rb'src="\./(assets/[^"]+\.js)"', page)
    assert script is not None
    text, headers = _asked(url, f"/{script[1].decode()}")
    assert (headers["Vary"], headers["Cache-Control"]) == ("Accept-Encoding", IMMUTABLE)
    assert b"Lanchat" in text


def _asked(url: str, path: str) -> tuple[bytes, HTTPMessage]:
    with contextlib.closing(HTTPConnection(urlsplit(url).netloc)) as connection:
        connection.request("GET", path, headers={"Accept-Encoding": "br;q=0, gzip"})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
        return gzip.decompress(answer.read()), answer.headers


def test_without_a_display_it_says_so_and_runs(
    tmp_path: Path, data_dir: Path, binary: tuple[str], unpacked: dict[str, str]
) -> None:
    with lanchat(tmp_path / "home", data_dir, *node_arguments(data_dir), command=binary, environ=unpacked) as program:
        program.says("No window can be opened")
        assert program.asked_to_end()[0] == 0
