"""A room whose node hands it on; what comes of it among several: tests/unit/lan/directory/test_unions.py."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from lanchat.errors import JournalFailed
from lanchat.journal import RoomRecord
from lanchat.journal.stores import UnionStore
from lanchat.rooms import Heir
from tests.support.rooms.company import company
from tests.support.rooms.said import THERE

OTHER = "0" * 32


async def test_what_is_said_while_a_room_is_handed_on_waits_and_goes_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with company(tmp_path, "a") as nodes:
        await nodes.say("a", "before")
        rooms, room, pass_on = nodes.servers["a"].node.rooms, nodes.at("a"), UnionStore.pass_on
        heir = Heir(RoomRecord(OTHER, room.name, THERE), ())

        async def fail(*_: object) -> None:
            assert await nodes.say("a", "meanwhile") is None
            raise JournalFailed

        monkeypatch.setattr(UnionStore, "pass_on", fail)
        with pytest.raises(JournalFailed):
            await rooms.go_on_as(room, heir)
        assert {each.id for each in rooms} == {room.id, OTHER}, "both are kept"
        assert await nodes.texts("a") == ["before"]
        monkeypatch.setattr(UnionStore, "pass_on", pass_on)
        await rooms.go_on_as(room, heir)
        await rooms.go_on_as(room, replace(heir))
        assert [each.id for each in rooms] == [OTHER]
        waiting = [draft for _, draft in await nodes.servers["a"].node.journal.outbox(OTHER)]
        assert [(draft.body.text, draft.body.origin) for draft in waiting] == [
            ("before", room.id),
            ("meanwhile", room.id),
        ]
