"""`POST /jobs/{id}` of a real node: who may send, and what becomes of a file that is not as announced."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from lanchat.config import Config
from lanchat.protocol import Import, JobStatus
from lanchat.web.apps import MAX_BODY
from lanchat.web.server import Server
from tests.support.clients import running, serving, window
from tests.support.conditions import eventually


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    key = running(server.node.config.data_dir).key
    async with aiohttp.ClientSession(server.window_url, headers={"Authorization": f"Bearer {key}"}) as session:
        yield session


async def test_an_upload_that_nobody_expects_is_refused(http: aiohttp.ClientSession) -> None:
    async with http.post("/jobs/nonsense", data=b"x") as answer:
        assert answer.status == 404
        assert (await answer.json())["code"] == "no_such_job"


async def test_a_file_may_be_larger_than_any_other_body(server: Server, http: aiohttp.ClientSession) -> None:
    body = b"x" * (MAX_BODY * 15)
    async with window(server) as owner:
        asked = await owner.ask(Import(size=len(body)), JobStatus)
        async with http.post(f"/jobs/{asked.id}", data=body) as answer:
            assert answer.status == 202
        assert (await owner.hear(JobStatus, lambda job: job.state == "failed")).text.startswith("Line 1")


@pytest.mark.parametrize("size", [3, 12])
async def test_another_size_than_announced_is_refused(server: Server, http: aiohttp.ClientSession, size: int) -> None:
    async with window(server) as owner:
        asked = await owner.ask(Import(size=6), JobStatus)
        async with http.post(f"/jobs/{asked.id}", data=b"x" * size) as answer:
            assert answer.status == 400
            said = await answer.json()
        failed = await owner.hear(JobStatus, lambda job: job.state == "failed")
        assert said == {"code": "invalid_archive", "message": failed.text}


async def test_a_client_that_hangs_up_ends_its_import(server: Server) -> None:
    key = running(server.node.config.data_dir).key
    async with window(server) as owner:
        asked = await owner.ask(Import(size=100_000), JobStatus)
        port = int(server.window_url.rstrip("/").rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /jobs/{asked.id} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        writer.write(f"{head}Content-Length: 100000\r\n\r\n".encode() + b"x" * 50_000)
        await owner.hear(JobStatus, lambda job: 0 < job.done <= 50_000)
        writer.transport.abort()
        failed = await owner.hear(JobStatus, lambda job: job.state == "failed")
        assert failed.text == "The upload was cut before it was whole."
        incoming = server.node.config.data_dir / "incoming"
        await eventually(lambda: list(incoming.iterdir()) == [])
