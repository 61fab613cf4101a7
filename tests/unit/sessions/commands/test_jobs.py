"""Exports and imports of a real node, asked for on its sockets."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from lanchat.archive.jobs import AT_ONCE, WAITING
from lanchat.config import Config
from lanchat.protocol import Cancel, Done, Error, Export, Import, JobStatus, MoveRoom, Reveal
from lanchat.rooms import succession
from lanchat.web.server import Server
from tests.support.clients import Client, guest, running, serving, window
from tests.support.conditions import eventually
from tests.support.file_manager import FileManager
from tests.support.identity import MAX


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def ended(client: Client, job: str) -> JobStatus:
    """Return the last notice of a job."""
    return await client.hear(JobStatus, lambda notice: notice.id == job and notice.state not in {"waiting", "running"})


async def asked(client: Client, command: Export | Import) -> JobStatus:
    """Ask for a job, and give the first notice of it."""
    kind = "export" if isinstance(command, Export) else "import"
    await client.tell(command)
    return await client.hear(JobStatus, lambda notice: notice.kind == kind)


async def send(server: Server, job: str, body: bytes) -> int:
    headers = {"Authorization": f"Bearer {running(server.node.config.data_dir).key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{server.window_url}jobs/{job}", data=body) as answer,
    ):
        return answer.status


async def test_only_the_owner_has_the_folder_shown(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = FileManager(tmp_path / "bin", monkeypatch)
    async with window(server) as owner, guest(server) as other:
        assert (await owner.ask(Reveal(), Error)).code == "job_error"  # nothing was saved yet
        folder = server.node.config.data_dir / "exports"
        folder.mkdir()
        await owner.ask(Reveal(), Done)
        await manager.shows(folder)
        assert (await other.ask(Reveal(), Error)).code == "not_owner"


async def test_only_who_owns_or_moderates_a_room_moves_it(server: Server) -> None:
    theirs = await server.node.rooms.settle(succession.found("Theirs", server.node.info, MAX.id))
    async with window(server) as owner, guest(server) as other:
        mine = (await owner.open("Mine")).id
        assert (await other.ask(MoveRoom(room=mine, to="here"), Error)).code == "not_owner"
        assert (await owner.ask(MoveRoom(room=theirs.id, to="here"), Error)).code == "not_moderator"
        assert (await owner.ask(MoveRoom(room="nowhere", to="here"), Error)).code == "no_such_room"
        assert (await owner.ask(MoveRoom(room=mine, to="here"), Error)).code == "cannot_move"
        assert (await owner.ask(MoveRoom(room=mine, to="redis://me:secret@host"), Error)).code == "invalid_frame"


async def test_a_room_goes_out_and_comes_in_again(server: Server) -> None:
    async with window(server) as owner:
        room = await owner.enter("Kitchen")
        for number in range(20):
            await owner.say(room, f"text {number}")
        await owner.said(room, 20)
        job = await asked(owner, Export(room=room))
        assert (job.kind, job.text) == ("export", "")
        done = await ended(owner, job.id)
        assert (done.state, done.done, done.total) == ("done", 20, 20)
        (file,) = (server.node.config.data_dir / "exports").iterdir()
        assert done.text == f"20 entries are in {file}."
        body = file.read_bytes()
        assert [json.loads(line).get("body", {}).get("text") for line in body.splitlines()][1] == "text 0"

        job = await asked(owner, Import(size=len(body)))
        assert (job.kind, job.state, job.total) == ("import", "waiting", len(body))
        assert await send(server, job.id, body) == 202
        done = await ended(owner, job.id)
        assert (done.state, done.text) == ("done", "0 entries are now in Kitchen, 20 were there already.")


async def test_an_export_goes_into_the_folder_of_downloads_when_there_is_one(server: Server) -> None:
    folder = server.node.config.downloads
    folder.mkdir()
    async with window(server) as owner:
        room = await owner.enter("Kitchen")
        job = await asked(owner, Export(room=room, format="html"))
        assert str(folder) in (await ended(owner, job.id)).text
        assert [path.suffix for path in folder.iterdir()] == [".html"]


async def test_a_file_that_is_no_room_fails_with_a_sentence(server: Server) -> None:
    async with window(server) as owner:
        job = await asked(owner, Import(size=5))
        assert await send(server, job.id, b"hello") == 202
        done = await ended(owner, job.id)
        assert (done.state, done.text[:6]) == ("failed", "Line 1")


async def test_only_the_owner_may_ask(server: Server) -> None:
    async with guest(server) as ada:
        room = await ada.enter("Kitchen")
        for command in (Export(room=room), Import(size=5), Cancel(job="x")):
            assert (await ada.ask(command, Error)).code == "not_owner"


async def test_what_cannot_be_done_is_refused_and_the_connection_goes_on(server: Server) -> None:
    async with window(server) as owner:
        assert (await owner.ask(Export(room="nowhere"), Error)).code == "no_such_room"
        assert (await owner.ask(Import(size=0), Error)).code == "invalid_archive"
        assert (await owner.ask(Cancel(job="nonsense"), Error)).code == "no_such_job"
        for _ in range(AT_ONCE + WAITING):
            await owner.ask(Import(size=5), JobStatus)
        refused = await owner.ask(Import(size=5), Error)
        assert (refused.code, refused.retry) == ("too_many_jobs", True)


async def test_a_job_is_cancelled_by_the_one_who_asked_only(server: Server) -> None:
    async with window(server) as owner, window(server) as other:
        job = await asked(owner, Import(size=5))
        assert (await other.ask(Cancel(job=job.id), Error)).code == "no_such_job"
        cancelled = await owner.ask(Cancel(job=job.id), JobStatus)
        assert (cancelled.id, cancelled.state) == (job.id, "cancelled")
        assert await send(server, job.id, b"hello") == 404


async def test_a_client_that_leaves_takes_back_what_it_would_have_sent(server: Server) -> None:
    jobs = server.node.jobs
    async with window(server) as owner:
        await owner.ask(Import(size=5), JobStatus)
        assert len(jobs._jobs) == 1
    await eventually(lambda: not jobs._jobs)
    assert server.node.layer.statistics().dropped == 0
