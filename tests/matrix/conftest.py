"""One process for each server, with every layer, for all tests of the matrix."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.matrix.serve import LAYERS, SERVERS
from tests.support.conditions import LONG, wait_until
from tests.support.redis.servers import RedisServer, free_port, listens

ROOT = Path(__file__).parents[2]
_ATTEMPTS = 5


class Side:
    """Consumers on one server and one layer.

    Args:
        server: its name.
        layer: its alias.
        port: where the server listens.
        log: what it has written.
    """

    def __init__(self, server: str, layer: str, port: int, log: Path) -> None:
        self.server = server
        self.layer = layer
        self._port = port
        self._log = log

    def url(self, kind: str, room: str = "general") -> str:
        """Return where a consumer is."""
        return f"ws://127.0.0.1:{self._port}/{self.layer}/{kind}/{room}"

    def request(self, name: str) -> str:
        """Return where a consumer of requests is."""
        return f"http://127.0.0.1:{self._port}/{name}"

    def said(self) -> str:
        """Return what the server has written to its log."""
        return self._log.read_text("utf-8", errors="replace")


@pytest.fixture(scope="module")
def redis_of_the_matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=SERVERS)
def running(
    request: pytest.FixtureRequest, redis_of_the_matrix: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int, Path]]:
    log = tmp_path_factory.mktemp("server") / "log"
    with _process(request.param, redis_of_the_matrix.url, log) as port:
        yield request.param, port, log


@contextmanager
def _process(server: str, redis: str, log: Path) -> Iterator[int]:
    """Run a server, and give its port; on another one where somebody took that before it listened."""
    for _ in range(_ATTEMPTS):
        port = free_port()
        command = [sys.executable, "-m", "tests.matrix.serve", server, str(port), redis]
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=os.environ)
        try:
            wait_until(partial(_listens_or_ended, process, port), LONG, f"{server} listens")
            if process.poll() is None:
                yield port
                return
        finally:
            process.kill()
            process.wait()
    raise AssertionError(f"{server} does not start: {log.read_text('utf-8', errors='replace')}")


def _listens_or_ended(process: "subprocess.Popen[bytes]", port: int) -> bool:
    return process.poll() is not None or listens(port)


@pytest.fixture
def in_memory(running: tuple[str, int, Path]) -> Side:
    """Consumers on each server, for what has nothing to do with the layer."""
    server, port, log = running
    return Side(server, "memory", port, log)


@pytest.fixture(params=LAYERS)
def side(request: pytest.FixtureRequest, running: tuple[str, int, Path]) -> Side:
    server, port, log = running
    return Side(server, request.param, port, log)
