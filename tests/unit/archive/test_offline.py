"""Rooms out of a data directory and into another one, without a node."""

import asyncio
import os
import threading
from pathlib import Path

import msgspec
import pytest

from lanchat.archive.offline import export_room, import_room
from lanchat.config import Config
from lanchat.errors import AlreadyRunning, InvalidArchive, JobError, NoSuchRoom
from lanchat.journal import Journal
from lanchat.node import Node
from lanchat.runtime import occupy
from tests.support.rooms.said import THERE, draft, record


def unseen(done: int, total: int) -> None:
    """Takes progress, and forgets it."""


async def nobody(room: str, events: object) -> None: ...


async def furnished(config: Config, said: int = 30) -> None:
    """Make a data directory in which a room of a mirror and one of this node have the same name."""
    config.data_dir.mkdir()
    async with Journal(config.database, nobody) as journal:
        await journal.put_room(msgspec.structs.replace(record("copy", home=THERE), addresses=("192.0.2.1:1",)))
        await journal.put_room(record("home"))
        await asyncio.gather(*(journal.append(draft(f"say {n}", room="home")) for n in range(said)))


async def texts(config: Config) -> dict[str, list[str]]:
    async with Journal(config.database, nobody) as journal:
        return {
            room.name: [event.body.text for event in await journal.after(room.id, 0, 99_999)]
            for room in await journal.rooms()
        }


async def test_a_room_goes_out_and_in_again(config: Config, tmp_path: Path) -> None:
    await furnished(config)
    file, seen = tmp_path / "room.jsonl", list[tuple[int, int]]()
    told = await export_room(config, "Kitchen", "jsonl", file, lambda done, total: seen.append((done, total)))
    assert told == f"30 entries are in {file}."
    assert seen[-1] == (30, 30)
    other = msgspec.structs.replace(config, data_dir=tmp_path / "other")
    assert await import_room(other, file, unseen) == "30 entries are now in Kitchen."
    assert await import_room(other, file, unseen) == "0 entries are now in Kitchen, 30 were there already."
    assert await texts(other) == {"Kitchen": [f"say {n}" for n in range(30)]}
    async with Node(other) as node:
        assert [room.kind for room in node.rooms] == ["home"]


async def test_without_a_name_it_goes_to_the_downloads(config: Config) -> None:
    await furnished(config, 1)
    config.downloads.mkdir()
    for name in ("Kitchen", "Kitchen"):
        told = await export_room(config, name, "html", None, unseen)
        assert told.startswith(f"1 entry is in {config.downloads}/Kitchen ")
    assert len(list(config.downloads.iterdir())) == 2


async def test_nothing_is_overwritten(config: Config, tmp_path: Path) -> None:
    await furnished(config, 1)
    file = tmp_path / "mine"
    file.write_text("mine")
    with pytest.raises(JobError, match="already"):
        await export_room(config, "Kitchen", "jsonl", file, unseen)
    assert file.read_text() == "mine"


async def test_a_room_that_is_not_here(config: Config, tmp_path: Path) -> None:
    with pytest.raises(NoSuchRoom, match="Attic"):
        await export_room(config, "Attic", "jsonl", None, unseen)
    assert not config.data_dir.exists()
    await furnished(config, 1)
    with pytest.raises(NoSuchRoom, match="Attic"):
        await export_room(config, "Attic", "jsonl", tmp_path / "attic", unseen)
    assert not (tmp_path / "attic").exists()


async def test_beside_a_node_it_only_reads(config: Config, tmp_path: Path) -> None:
    await furnished(config)
    file = tmp_path / "room.jsonl"
    with occupy(config.data_dir):
        assert "30 entries" in await export_room(config, "Kitchen", "jsonl", file, unseen)
        with pytest.raises(AlreadyRunning):
            await import_room(config, file, unseen)


async def test_a_file_that_is_no_room(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "diary"
    file.write_text("Dear diary\n")
    with pytest.raises(InvalidArchive, match="Line 1"):
        await import_room(config, file, unseen)


async def test_cancelled_it_ends_and_leaves_no_file(config: Config, tmp_path: Path) -> None:
    await furnished(config, 2_000)
    begun, go = threading.Event(), threading.Event()

    def watched(done: int, total: int) -> None:
        begun.set()
        assert go.wait(5)

    work = asyncio.create_task(export_room(config, "Kitchen", "jsonl", tmp_path / "room.jsonl", watched))
    await asyncio.to_thread(begun.wait, 5)
    work.cancel()
    asyncio.get_running_loop().call_soon(go.set)  # after the cancellation has arrived
    with pytest.raises(asyncio.CancelledError):
        await work
    assert os.listdir(tmp_path) == ["data"]  # noqa: PTH208 - the loop is not to wait for a file
    with occupy(config.data_dir):
        """The directory is free again."""
