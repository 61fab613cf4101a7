"""What a program has the node of its user do: exports and imports, at a real node."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
from msgspec.structs import replace

from lanchat import runtime
from lanchat.archive import ArchiveFormat, transfers
from lanchat.archive.jobs import Job, Report
from lanchat.archive.progress import Progress
from lanchat.client.jobs import at_window, export_room, import_room, unite_room
from lanchat.config import Config
from lanchat.errors import InvalidArchive, JobError, NoSuchRoom, Unauthorised, Unreachable
from lanchat.journal import Reader
from lanchat.lan.connection.connection import Connection
from lanchat.protocol import Done, JobStatus, RoomInfo, RoomList, Unite
from lanchat.runtime import Running
from lanchat.web.server import Server
from tests.support.clients import guest, serving
from tests.support.conditions import eventually
from tests.support.rooms.said import HERE, THERE


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    """A node with a room in which three things were said."""
    config.downloads.mkdir()
    async with serving(config) as server, guest(server) as ada:
        room = await ada.enter("tea")
        for text in ("one", "two", "three"):
            await ada.say(room, text)
        await ada.said(room, 3)
        yield server


@pytest.fixture
def here(server: Server, config: Config) -> Running:
    """What programs know of the node."""
    found = runtime.read(config.data_dir)
    assert found is not None
    return found


@pytest.fixture
async def connection(here: Running) -> AsyncIterator[Connection]:
    async with at_window(here) as connection:
        yield connection


async def test_a_room_goes_out_and_in_again(connection: Connection, here: Running, config: Config) -> None:
    seen: list[JobStatus] = []
    sentence = await export_room(connection, "tea", "jsonl", seen.append)
    [file] = config.downloads.iterdir()
    assert sentence == f"3 entries are in {file}."
    assert [job.kind for job in seen] == ["export"] * len(seen)
    assert seen[-1].state == "done"
    sentence = await import_room(connection, here, file, seen.append)
    assert sentence == "0 entries are now in tea, 3 were there already."
    assert seen[-1].kind == "import"


async def test_a_room_that_is_not_here(connection: Connection) -> None:
    with pytest.raises(NoSuchRoom, match="coffee"):
        await export_room(connection, "coffee", "jsonl", lambda job: None)


async def test_a_file_that_cannot_be_is_told(connection: Connection, here: Running, tmp_path: Path) -> None:
    file = tmp_path / "diary"
    file.write_text("Dear diary\n")
    with pytest.raises(JobError, match="Line 1"):
        await import_room(connection, here, file, lambda job: None)
    with pytest.raises(InvalidArchive, match="cannot be read"):
        await import_room(connection, here, tmp_path / "nowhere", lambda job: None)


async def test_a_file_that_cannot_be_sent_ends_the_job(
    connection: Connection, here: Running, server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "room"
    file.write_bytes(b"x" * 100)
    nowhere = msgspec.structs.replace(here, window="http://127.0.0.1:1/")
    with pytest.raises(JobError, match="cannot be sent"):
        await import_room(connection, nowhere, file, lambda job: None)
    await eventually(lambda: not server.node.jobs._jobs)


async def test_cancelled_it_cancels_the_job(
    connection: Connection, server: Server, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def export(
        reader: Reader, room: str, archive_format: ArchiveFormat, target: object, progress: Progress, **_: object
    ) -> None:
        loop.call_soon_threadsafe(begun.set)
        progress.pause(60)

    monkeypatch.setattr(transfers, "export_room", export)
    work = asyncio.create_task(export_room(connection, "tea", "jsonl", lambda job: None))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await eventually(lambda: not server.node.jobs._jobs)
    assert list(config.downloads.iterdir()) == []


async def test_cancelled_before_the_node_has_answered_it_cancels_the_job(
    connection: Connection, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = server.node.transfers.export

    def export(
        reader: Reader, room: str, archive_format: ArchiveFormat, target: object, progress: Progress, **_: object
    ) -> None:
        progress.pause(60)

    def cancel_meanwhile(room: str, archive_format: ArchiveFormat, owner: str, report: Report) -> Job:
        work.cancel()
        return begin(room, archive_format, owner, report)

    monkeypatch.setattr(transfers, "export_room", export)
    monkeypatch.setattr(server.node.transfers, "export", cancel_meanwhile)
    work = asyncio.create_task(export_room(connection, "tea", "jsonl", lambda job: None))
    with pytest.raises(asyncio.CancelledError):
        await work
    await eventually(lambda: not server.node.jobs._jobs)


async def test_a_node_that_ends_meanwhile_is_told(here: Running) -> None:
    with pytest.raises(Unauthorised):
        async with at_window(msgspec.structs.replace(here, key="wrong")):
            pass
    with pytest.raises(Unreachable):
        async with at_window(msgspec.structs.replace(here, window="http://127.0.0.1:1/")):
            pass


async def test_a_room_is_made_one_with_the_other_of_its_name() -> None:
    asked: list[Unite] = []

    class Listing:
        url = "somewhere"

        async def __aiter__(self) -> AsyncIterator[RoomList]:
            mine = RoomInfo(id="9", name="tea", node=HERE, kind="home", members=1, top=1, online=True)
            yield RoomList(rooms=[mine, *(replace(mine, id=room, node=THERE, kind="found") for room in "73")])

        async def ask(self, command: Unite, answer: type[Done]) -> Done:
            asked.append(command)
            return answer()

    assert await unite_room(cast("Connection", Listing()), "tea") == THERE.name
    assert asked == [Unite(room="9", into="3")]
    with pytest.raises(NoSuchRoom, match="no two rooms"):
        await unite_room(cast("Connection", Listing()), "coffee")
