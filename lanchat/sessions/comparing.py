"""Comparisons of words between the owner of this node and others: from windows to rooms, and back."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator

import msgspec

from lanchat.errors import CannotCompare, LanchatError
from lanchat.identity import Owner
from lanchat.identity.verification import ComparisonBook, Outcome
from lanchat.layers import BaseChannelLayer, Message
from lanchat.protocol import Author, Compare, Comparison, Verified, Verify, codec
from lanchat.rooms import VERIFICATIONS, RoomRegistry

_log = logging.getLogger(__name__)
_MOST_WAITING = 64
TICK = 1.0
"""Seconds between two looks whether a comparison took too long."""


class ComparingDesk:
    """Carries out what the owner's book of comparisons says.

    Args:
        owner: the person whose node it is.
        book: what they compare, and whom they have verified.
        rooms: through which steps go to the other side.
        layer: brings the steps of the other side, and tells the owner's windows.
        windows: the layer's group of these.
    """

    def __init__(
        self,
        owner: Owner,
        book: ComparisonBook,
        rooms: RoomRegistry,
        layer: BaseChannelLayer,
        *,
        windows: str,
    ) -> None:
        self._owner = owner
        self._book = book
        self._rooms = rooms
        self._layer = layer
        self._windows = windows
        self._steps: asyncio.Queue[Verify] = asyncio.Queue(_MOST_WAITING)

    def frames(self) -> Iterator[Verified | Comparison]:
        """Return what a window is told when it opens."""
        yield Verified(people=self._book.verified)
        yield from self._book.shown()

    async def run(self) -> None:
        """Take the steps of others as they come, and end what takes too long, until it is cancelled."""
        channel = await self._layer.new_channel()
        self._layer.attach(channel, self._hear)
        try:
            await self._layer.group_add(VERIFICATIONS, channel)
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TICK):
                        step = await self._steps.get()
                    await self._take(step)
                for outcome in self._book.over():
                    await self._carry_out(outcome)
        finally:
            self._layer.detach(channel)

    async def compare(self, command: Compare) -> Comparison:
        """Do what the owner wants, and return how it stands then.

        Raises:
            NoSuchRoom: the room is not here.
            CannotCompare: the person is not in it through another node, or has no key.
            LimitReached: so many comparisons are open already.
            NoSuchComparison, StepOutOfOrder: there is none of that id, or it is not its turn.
            JournalError: a success cannot be remembered.
        """
        match command.action:
            case "begin":
                outcome = self._book.begin(command.room, self._person(command.room, command.person))
            case "accept":
                outcome = self._book.accept(command.transaction)
            case "match":
                outcome = await self._book.match(command.transaction)
            case "differ" | "cancel":
                outcome = self._book.cancel(command.transaction, differ=command.action == "differ")
        await self._carry_out(outcome)
        return outcome.shown

    def _hear(self, message: Message) -> None:
        """Note a step of another side; when very many wait it is lost, and its comparison ends by itself."""
        step = codec.decode_command(message["frame"])
        if isinstance(step, Verify) and not self._steps.full():
            self._steps.put_nowait(step)

    def _person(self, room: str, person: str) -> Author:
        presence = self._rooms.get(room).presence
        found = next((member for member in presence.people.everybody() if member.id == person), None)
        if found is None or not presence.nodes_of(person):
            raise CannotCompare
        return found

    async def _take(self, step: Verify) -> None:
        try:
            outcome = await self._book.take(step)
        except LanchatError as error:
            _log.info("A step of a comparison of words was not taken: %s: %s", error.code, error)
        else:
            if outcome is not None:
                await self._carry_out(outcome)

    async def _carry_out(self, outcome: Outcome) -> None:
        """Tell the other side, then the owner's windows."""
        for step in outcome.told:
            try:
                room = self._rooms.get(step.room)
                await room.verify(msgspec.structs.replace(step, author=self._owner.author))
            except LanchatError as error:
                _log.info("A step of a comparison of words could not be sent: %s", error)
        frames: list[Comparison | Verified] = [outcome.shown]
        if outcome.shown.state == "verified":
            frames.append(Verified(people=self._book.verified))
        for frame in frames:
            await self._layer.group_send(self._windows, {"type": "owner.compared", "frame": codec.encode(frame)})
