"""docs/library/django.md: a project with a Redis, two servers and a worker, each a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.docs.library.pages import page
from tests.docs.tutorial import files
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, free_port


@contextmanager
def running(folder: Path, redis: RedisServer, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of the project; it is ended after the block."""
    program = subprocess.Popen([sys.executable, *command], cwd=folder, env={**os.environ, "REDIS_URL": redis.url})
    try:
        yield program
    finally:
        program.terminate()
        program.wait(60)


@pytest.fixture
def project(tmp_path: Path, server: RedisServer) -> Iterator[Sequence[str]]:
    """Two servers and a worker; gives the servers' addresses without a scheme."""
    (tmp_path / "mysite.py").write_text(files(page("django").read_text("utf-8"))["mysite.py"], "utf-8")
    with running(tmp_path, server, "mysite.py", "migrate", "--verbosity", "0") as migrating:
        assert migrating.wait(60) == 0
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        for port in ports:
            command = ("-m", "uvicorn", "mysite:application", "--port", str(port), "--log-level", "warning")
            stack.enter_context(running(tmp_path, server, *command))
        stack.enter_context(running(tmp_path, server, "mysite.py", "runworker", "shouts", "--verbosity", "0"))
        yield [f"127.0.0.1:{port}" for port in ports]


async def test_mysite(project: Sequence[str]) -> None:
    assert "mysite" in page("django").read_text("utf-8")
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as known, aiohttp.ClientSession() as nobody:

        async def all_up() -> Any:
            try:
                for at in project:
                    async with known.get(f"http://{at}/visit") as answer:
                        assert answer.status == 200
            except aiohttp.ClientError:
                return False
            return True

        await eventually(all_up)
        async with (
            known.ws_connect(f"ws://{project[0]}/ws/chat/") as ada,
            nobody.ws_connect(f"ws://{project[1]}/ws/chat/") as other,
        ):
            await ada.send_str("hello")
            for socket in (ada, other):
                assert await socket.receive_str(timeout=60) == "Ada: hello"
            await other.send_str("shout hello")
            for socket in (ada, other):
                assert await socket.receive_str(timeout=60) == "ANONYMOUSUSER: SHOUT HELLO"
