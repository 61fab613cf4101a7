"""The tutorial's job protocol at a real node."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from lanchat.archive.jobs import AT_ONCE, WAITING
from lanchat.config import Config
from lanchat.showcase import backgroundjob
from lanchat.showcase.tasks import TASKS, Task, process
from lanchat.web.server import Server
from tests.support.clients import serving
from tests.support.conditions import eventually
from tests.support.consumers.plain import objects, plain


@pytest.fixture
async def server(showcase: Config) -> AsyncIterator[Server]:
    async with serving(showcase) as server:
        yield server


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two jobs."""
    monkeypatch.setattr(backgroundjob, "PAUSE", 0.0)


async def ask(client: ClientConnection, said: Any, count: int) -> list[Any]:
    await client.send(said if isinstance(said, str | bytes) else json.dumps(said))
    return await objects(client, count)


@pytest.mark.parametrize(
    ("kind", "known", "part"),
    [
        ("translate", "translate", "hola"),
        ("analyze", "analyze", "Words: 1"),
        ("generate", "generate", "Response to 'hello'"),
        ("default", "default", "HELLO"),
        ("unheard of", "default", "HELLO"),
        (None, "default", "HELLO"),
    ],
)
async def test_a_job_is_queued_and_its_result_comes(server: Server, kind: str | None, known: str, part: str) -> None:
    async with plain(server, "backgroundjob") as client:
        assert await objects(client, 1) == [
            {"status": "connected", "message": "🔄 Background Job Processor: Connected!"}
        ]
        queuing, queued, result = await ask(client, {"type": kind, "content": "hello"}, 3)
        assert queuing == {"status": "queuing", "message": f"⏳ Queuing {known} job: hello"}
        assert (queued["status"], queued["job_id"] in queued["message"]) == ("queued", True)
        assert result["type"] == "job_result"
        assert part in result["message"]


@pytest.mark.parametrize(
    "wrong", ["no JSON", b"\xff", "[]", "{}", '{"content": 7}', '{"content": " "}', {"content": "x" * 4001}, '"hello"']
)
async def test_what_is_no_job_is_answered_and_the_socket_lives(server: Server, wrong: Any) -> None:
    async with plain(server, "backgroundjob") as client:
        await objects(client, 1)
        assert (await ask(client, wrong, 1))[0]["status"] == "error"
        assert (await ask(client, {"content": "fine"}, 3))[2]["message"] == "✅ Processed: FINE"


async def test_one_job_a_second(server: Server) -> None:
    async with plain(server, "backgroundjob") as client:
        await objects(client, 1)
        await ask(client, {"content": "one"}, 2)
        (refused,) = await ask(client, {"content": "two"}, 1)
        assert (refused["status"], "Too fast" in refused["message"]) == ("error", True)
        assert (await objects(client, 1))[0]["message"] == "✅ Processed: ONE"


async def test_all_places_are_taken_at_some_time_and_free_again_when_the_client_leaves(
    server: Server, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TASKS, "default", Task(60, process))
    jobs = server.node.showcase_jobs
    async with plain(server, "backgroundjob") as client:
        await objects(client, 1)
        for _ in range(AT_ONCE + WAITING):
            assert (await ask(client, {"content": "long"}, 2))[1]["status"] == "queued"
        _, refused = await ask(client, {"content": "one too many"}, 2)
        assert refused["status"] == "error"
        assert "Too many" in refused["message"]
    await eventually(lambda: not jobs._jobs, what="the jobs of a client that left have ended")


async def test_a_node_ends_although_a_job_is_at_work(showcase: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS, "default", Task(60, process))
    async with serving(showcase) as server, plain(server, "backgroundjob") as client:
        await objects(client, 1)
        assert (await ask(client, {"content": "long"}, 2))[1]["status"] == "queued"
