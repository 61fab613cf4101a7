"""Rooms that are over, in a real journal."""

import logging
from pathlib import Path

import pytest

from lanchat.errors import NoSuchRoom, RoomDeleted
from lanchat.journal import Journal
from lanchat.protocol import Event
from lanchat.rooms.door.graveyard import Graveyard
from tests.support.conditions import eventually
from tests.support.rooms.said import event, record


async def _ignore(_room: str, _events: list[Event]) -> None:
    """In place of who is told of commits."""


async def test_a_room_that_is_over_is_known_after_a_restart_too(tmp_path: Path) -> None:
    async with Journal(tmp_path / "x.db", _ignore) as journal:
        await journal.put_room(record("r1"))
        yard, gone = Graveyard(journal.doors), list[str]()
        yard.on_delete = gone.append
        assert isinstance(yard.missing("r1"), NoSuchRoom)
        assert await yard.find("r1") is None
        yard.bury(event(1, room="r1"))
        assert gone == ["r1"]
        assert isinstance(yard.missing("r1"), RoomDeleted)
    async with Journal(tmp_path / "x.db", _ignore) as journal:
        yard = Graveyard(journal.doors)
        assert isinstance(yard.missing("r1"), NoSuchRoom)
        await yard.load()
        assert isinstance(yard.missing("r1"), RoomDeleted)
        grave = await yard.find("r1")
        assert grave is not None
        assert grave.event.seq == 1


async def test_what_cannot_be_kept_is_said_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Journal(tmp_path / "x.db", _ignore) as journal:
        yard = Graveyard(journal.doors)
    with caplog.at_level(logging.WARNING):
        yard.bury(event(1, room="r1"))
        await eventually(lambda: "until the next start only" in caplog.text)
    assert isinstance(yard.missing("r1"), RoomDeleted)
