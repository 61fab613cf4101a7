"""docs/library/deployment.md: two processes of the app, a Redis, and nginx, by the files that the page prints."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.docs.library.pages import page
from tests.docs.tutorial import blocks, files
from tests.support.conditions import LONG, wait_until
from tests.support.consumers.listening import knock
from tests.support.redis.servers import RedisServer, free_port, listens

TEXT = page("deployment").read_text("utf-8")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OWN_FOLDER = "".join(f"{kind}_temp_path {kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
"""Where nginx keeps what it holds: in the test's folder, because others may be nobody's to write to."""


@contextmanager
def running(folder: Path, redis: RedisServer, *command: str) -> Iterator[None]:
    program = subprocess.Popen(command, cwd=folder, env={**os.environ, "REDIS_URL": redis.url})
    try:
        yield
    finally:
        program.terminate()
        program.wait(LONG)


@pytest.fixture
def site(tmp_path: Path, server: RedisServer) -> Iterator[str]:
    """The site at nginx's port; gives its address without a scheme."""
    assert NGINX is not None, "install nginx; .ci/packages does"
    (tmp_path / "chat.py").write_text(files(TEXT)["chat.py"], "utf-8")
    commands = [line.split() for line in blocks(TEXT, "sh")[0].splitlines()]
    [configuration] = blocks(TEXT, "nginx")
    configuration = configuration.replace("http {", "http {\naccess_log off;\n" + OWN_FOLDER, 1)
    ports = {name: free_port() for name in ("8000", "8001", "8002")}
    for name, port in ports.items():
        configuration = configuration.replace(name, str(port))
    (tmp_path / "nginx.conf").write_text(configuration, "utf-8")
    with ExitStack() as stack:
        for command in commands:
            given = [str(ports.get(word, word)) for word in command]
            stack.enter_context(running(tmp_path, server, sys.executable, "-m", *given))
        options = f"daemon off; pid {tmp_path}/nginx.pid; error_log stderr;"
        stack.enter_context(running(tmp_path, server, NGINX, "-p", f"{tmp_path}", "-c", "nginx.conf", "-g", options))
        for port in ports.values():
            wait_until(lambda port=port: listens(port), LONG, f"somebody listens at {port}")  # type: ignore[misc]
        yield f"127.0.0.1:{ports['8000']}"


async def hear(clients: Sequence[ClientConnection]) -> list[str]:
    return [str(await client.recv()) for client in clients]


async def test_chat(site: str) -> None:
    assert "chat" in files(TEXT)["chat.py"]
    lie = {"X-Forwarded-For": "203.0.113.5"}
    async with AsyncExitStack() as stack:
        url = f"ws://{site}/chat"
        clients = [await stack.enter_async_context(connect(url, additional_headers=lie)) for _ in range(4)]
        await clients[0].send("hello")
        assert await hear(clients) == ["127.0.0.1 says hello"] * 4


async def test_only_pages_of_the_site_come_in(site: str) -> None:
    assert await knock(f"ws://{site}/chat", Origin=f"http://{site}") == 101
    assert await knock(f"ws://{site}/chat", Origin="https://evil.example") == 403
