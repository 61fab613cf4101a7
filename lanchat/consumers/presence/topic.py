"""One topic in one process: what is said to the others, what is heard of them, and whom it concerns here."""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Hashable

from lanchat.consumers.presence.table import PresenceTable
from lanchat.layers import BaseChannelLayer, LayerError, Message, ThrottledLog

_log = logging.getLogger(__name__)
_away = ThrottledLog(_log, logging.WARNING, "Presence cannot reach the layer; who is elsewhere is as it was: %s")
_STATE = "presence.state"
_PER_LEASE = 3
_BETWEEN = 0.05


class PresenceTopic:
    """Tells the other processes who is connected here, whole each time, so that what was lost heals itself.

    Args:
        layer: by which they are told.
        name: of the topic.
        table: who is here.
        lease: seconds for which a word counts; it is said three times as often.

    Attributes:
        table: the same.
    """

    def __init__(self, layer: BaseChannelLayer, name: str, table: PresenceTable, *, lease: float) -> None:
        self.table = table
        self._layer = layer
        self._name = name
        self._pause = lease / _PER_LEASE
        # A group's name takes neither every character nor every length that a topic's may have.
        self._group = f"presence.{hashlib.sha256(name.encode()).hexdigest()[:32]}"
        self._channel = ""
        self._dirty = True
        self._ask = True
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Listen to the others, and ask them who is there."""
        self._channel = await self._layer.new_channel("presence")
        self._layer.attach(self._channel, self._take)
        await self._layer.group_add(self._group, self._channel)
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def enter(self, connection: Hashable, user: object, channel: str) -> None:
        """Take a connection; its channel is told who joins and leaves.

        Raises:
            ValueError: this names no user.
            TooManyUsers: there is no room.
            LayerError: the layer cannot be reached.
        """
        await self._layer.group_add(self._local, channel)
        try:
            self.table.enter(connection, user)
        except Exception:
            await self._layer.group_discard(self._local, channel)
            raise
        self._change()

    async def leave(self, connection: Hashable, channel: str) -> None:
        """Forget a connection."""
        self.table.leave(connection)
        self._change()
        with contextlib.suppress(LayerError):
            await self._layer.group_discard(self._local, channel)

    async def end(self) -> None:
        """Say goodbye, and listen no more."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        await self._say()
        self._layer.detach(self._channel)

    @property
    def _local(self) -> str:
        """The group of the connections of this process."""
        return f"{self._group}.{hashlib.sha256(self._channel.encode()).hexdigest()[:16]}"

    def _change(self) -> None:
        self._dirty = True
        self._changed.set()

    def _take(self, message: Message) -> None:
        """Hear another process. Whatever is in the message, a stranger may have sent it."""
        match message:
            case {"type": "presence.state", "node": str(node), "users": list(users)} if node != self._channel:
                self.table.hear(node, users, _now())
                if message.get("ask") is True:
                    self._dirty = True
                self._changed.set()

    async def _run(self) -> None:
        said = -self._pause
        while True:
            self._changed.clear()
            now = _now()
            if self._dirty or now >= said + self._pause:
                said = now
                await self._say()
            await self._tell()
            due = self.table.due()
            until = said + self._pause if due is None else min(due, said + self._pause)
            try:
                async with asyncio.timeout(max(until - _now(), 0.0)):
                    await self._changed.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_BETWEEN)  # what changes at once is said at once

    async def _say(self) -> None:
        """Tell the others who is here; they keep it while it counts."""
        self._dirty = False
        state = {"type": _STATE, "node": self._channel, "users": self.table.ours, "ask": self._ask}
        try:
            await self._layer.group_send(self._group, state, exclude=self._channel)
            self._ask = False
        except LayerError as error:
            self.table.hold(_now())
            _away(error)

    async def _tell(self) -> None:
        """Inform the connections here of who came and who went."""
        joined, left = self.table.look(_now())
        changes = [("presence.join", user) for user in joined] + [("presence.leave", user) for user in left]
        for kind, user in changes if self.table.has_connections else ():
            try:
                await self._layer.group_send(self._local, {"type": kind, "topic": self._name, "user": user})
            except LayerError as error:
                _away(error)


def _now() -> float:
    return asyncio.get_running_loop().time()
