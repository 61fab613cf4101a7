"""A room out of one node and into another, through real files and real journals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lanchat.archive.importing import id_here
from lanchat.archive.job import Stopped
from lanchat.archive.room_files import RoomFiles
from lanchat.errors import InvalidArchive
from lanchat.journal import Draft, Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify.notifications import Notifications
from lanchat.protocol import Author, Body, NodeInfo
from lanchat.rooms.registry import RoomRegistry

ADA = Author(id="ada-ada-ada", nick="Ada")


def unseen(done: int, total: int) -> None:
    """Takes progress, and forgets it."""


def never() -> bool:
    return False


class Host:
    """One node's rooms, journal and files."""

    def __init__(self, name: str, rooms: RoomRegistry, journal: Journal) -> None:
        self.info = NodeInfo(id=name * 32, name=name)
        self.rooms = rooms
        self.journal = journal
        self.files = RoomFiles(self.info, rooms, journal)

    async def talk(self, name: str, *texts: str) -> str:
        room = await self.rooms.open(name)
        for text in texts:
            await room.post(Draft(room.id, f"nonce of {text}", ADA, Body(text=text)))
        return room.id

    async def texts(self, room: str) -> list[str]:
        return [event.body.text for event in await self.journal.after(room, 0, 500)]

    async def write(self, room: str, target: Path) -> int:
        return await asyncio.to_thread(self.files.write, room, "jsonl", target, unseen, never)

    async def read(self, source: Path) -> str:
        return await asyncio.to_thread(self.files.read, source, unseen, never)


@asynccontextmanager
async def host(path: Path, name: str) -> AsyncIterator[Host]:
    async def publish(room: str, events: object) -> None: ...

    async with InMemoryChannelLayer() as layer, Journal(path / f"{name}.db", on_commit=publish) as journal:
        rooms = RoomRegistry(NodeInfo(id=name * 32, name=name), journal, layer, lambda: None, Notifications(layer))
        yield Host(name, rooms, journal)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Host]:
    async with host(tmp_path, "a") as here:
        yield here


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Host]:
    async with host(tmp_path, "b") as there:
        yield there


async def test_a_room_moves_to_another_node_once_however_often_it_is_read(
    here: Host, there: Host, tmp_path: Path
) -> None:
    room = await here.talk("Kitchen", "one", "two")
    file = tmp_path / "room.jsonl"
    assert await here.write(room, file) == 2
    assert await there.read(file) == "2 entries are now in Kitchen."
    copy = there.rooms.get(id_here(there.info.id, room))
    assert (copy.name, copy.kind, await there.texts(copy.id)) == ("Kitchen", "home", ["one", "two"])
    assert await there.read(file) == "0 entries are now in Kitchen, 2 were there already."
    assert await there.texts(copy.id) == ["one", "two"]


async def test_a_room_that_is_here_gets_back_what_it_has_not(here: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "one")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    assert await here.read(file) == "0 entries are now in Kitchen, 1 was there already."
    assert len(here.rooms) == 1


async def test_what_comes_from_a_file_calls_nobody(here: Host, there: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "@Ada soup")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    await there.read(file)
    assert there.rooms.get(id_here(there.info.id, room)).past >= 1


async def test_a_page_to_read_can_be_written(here: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "<b>one</b>")
    file = tmp_path / "room.html"
    assert await asyncio.to_thread(here.files.write, room, "html", file, unseen, never) == 1
    assert "&lt;b&gt;one&lt;/b&gt;" in file.read_text("utf-8")


async def test_cancelling_stops_both(here: Host, there: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "one")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    with pytest.raises(Stopped):
        await asyncio.to_thread(here.files.write, room, "jsonl", tmp_path / "two.jsonl", unseen, lambda: True)
    with pytest.raises(Stopped, match="0 entries are now in Kitchen"):
        await asyncio.to_thread(there.files.read, file, unseen, lambda: True)


async def test_a_file_that_is_no_room_is_refused(there: Host, tmp_path: Path) -> None:
    file = tmp_path / "room.jsonl"
    file.write_text("hello\n", "utf-8")
    with pytest.raises(InvalidArchive):
        await there.read(file)
    assert len(there.rooms) == 0
