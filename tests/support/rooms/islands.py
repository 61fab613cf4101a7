"""Two companies of real nodes that cannot see each other, and then can: their rooms of one name meet."""

import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from lanchat.lan.discovery import FoundRoom
from lanchat.protocol import Event
from lanchat.rooms import DEFAULT_ROOM
from tests.support.conditions import eventually
from tests.support.rooms.company import Company, company


class Islands:
    """Two companies.

    Attributes:
        stays: the one whose room has the smaller id.
        goes: the other one, whose room goes on as that.
    """

    def __init__(self, one: Company, other: Company) -> None:
        self.stays, self.goes = sorted((one, other), key=lambda island: island.room)
        self.origin = self.goes.room

    def home(self, island: Company) -> FoundRoom:
        """Return what others find of the room of an island."""
        name = island.home()
        room = island.at(name)
        return FoundRoom(
            id=room.id,
            name=island.called,
            node=island.servers[name].node.info,
            addresses=("127.0.0.1",),
            port=island.ports[name],
            members=1,
            top=room.top,
            owner=room.record.owner,
            salt=room.record.salt,
        )

    def see(self, names: Iterable[str] = (), *others: FoundRoom) -> None:
        """Let nodes of the room that goes, by default all, find the other room, and others."""
        found = {offer.id: offer for offer in (self.home(self.stays), *others)}
        for name in names or self.goes.servers:
            network = self.goes.servers[name].node.network
            network.discovery._finder.found = MappingProxyType(found)
            network._changed()

    async def have_met(self, *names: str) -> None:
        """Wait until nodes of the room that goes, by default all, have the other one in its place."""
        for name in names or self.goes.servers:
            rooms = self.goes.servers[name].node.rooms
            await eventually(
                lambda rooms=rooms: self.stays.room in rooms and self.origin not in rooms,  # type: ignore[misc]
                what=f"{name} is in the other room",
            )

    async def history(self, island: Company, name: str) -> list[Event]:
        """Return what a node has of the room that stays, but for the words by which others go on as it."""
        events = await island.servers[name].node.journal.after(self.stays.room, 0, 10_000)
        return [event for event in events if event.kind != "rule"]

    async def all_have(self, count: int) -> list[str]:
        """Wait until every node has so many things that were said, and return the texts, which are the same at all."""
        texts: list[list[str]] = []
        for island in (self.stays, self.goes):
            for name in island.servers:
                journal = island.servers[name].node.journal
                await eventually(
                    lambda journal=journal: journal.top(self.stays.room) > count,  # type: ignore[misc]
                    what=f"{name} has all, and the word by which the one room goes on as the other",
                )
                texts.append([event.body.text for event in await self.history(island, name)])
        assert all(each == texts[0] for each in texts)
        return texts[0]

    async def speak(self) -> None:
        """Have somebody on each node say something, and all on their island hear it."""
        for island, side in ((self.stays, "s"), (self.goes, "g")):
            said = [f"{side}{name}" for name in island.servers]
            for name, text in zip(island.servers, said, strict=True):
                await island.say(name, text)
                await island.all_have(said[: said.index(text) + 1])


@asynccontextmanager
async def islands(tmp_path: Path, *names: str, called: str = DEFAULT_ROOM) -> AsyncIterator[Islands]:
    """Start as many nodes of each island as there are names."""
    async with contextlib.AsyncExitStack() as stack:
        one = await stack.enter_async_context(company(tmp_path / "one", *names, called=called))
        other = await stack.enter_async_context(company(tmp_path / "other", *names, called=called))
        if len(names) > 1:
            for island in (one, other):
                await island.voting(len(names))
        yield Islands(one, other)
