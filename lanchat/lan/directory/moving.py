"""Moves rooms of this node into the Redis that it shares, and out of it, because the person of the node wants it."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lanchat.archive import Cancelled, Job, Jobs, Progress, on_loop
from lanchat.config import HERE, redis_place
from lanchat.errors import CannotMove, LanchatError
from lanchat.layers import LayerError
from lanchat.protocol import Quorum
from lanchat.rooms import Room, RoomRegistry, succession

if TYPE_CHECKING:
    from lanchat.lan.shared import SharedNetwork, SharedRooms

PATIENCE = 30.0
"""Most seconds for which a move waits for Redis, where another server takes over from one in the middle of it."""
ATTEMPTS = 4
"""How often a room is brought to a Redis that loses it on the way."""
_PAUSE = 1.0
_LOOK = 0.05
T = TypeVar("T")


class RoomMoves:
    """Moves rooms, as jobs.

    Args:
        jobs: does the work.
        rooms: those of this node.
        redis: URL of the Redis that this node shares; empty when it shares none.
        network: the network of its rooms; None when it shares none.
    """

    def __init__(self, jobs: Jobs, rooms: RoomRegistry, redis: str, network: "SharedNetwork | None") -> None:
        self._jobs = jobs
        self._rooms = rooms
        self._redis = redis
        self._moving: set[str] = set()
        self._network = network
        self._shared = network.shared if network is not None else None

    def begin(self, room: Room, to: str, owner: str, report: Callable[[Job], None]) -> Job:
        """Begin to move a room.

        Args:
            room: the room.
            to: `here`, or where the Redis is, without a password.
            owner: who asks.
            report: told how it goes.

        Raises:
            CannotMove: it is there already, or cannot be moved there by this node; the sentence says why.
            TooManyJobs: all places are taken.
        """
        move = self._out(room) if to == HERE else self._into(room, to)
        return self._jobs.begin("move", owner, report, partial(move, room, asyncio.get_running_loop()))

    async def answer(self, room: Room, frame: Quorum, host: str) -> None:
        """Say who numbers a room to a node that says that it does.

        Args:
            room: the room.
            frame: what it says.
            host: where it is.

        Raises:
            LayerError: Redis cannot be asked.
        """
        if self._network is not None and succession.is_shared(room.record):
            await self._network.strays.answer(room, frame, self._network.address(host, frame.port))

    def _into(self, room: Room, to: str) -> "Callable[[Room, asyncio.AbstractEventLoop, Progress], str]":
        """Return what moves a room into Redis. Raises CannotMove."""
        place = redis_place(to)
        if self._shared is None:
            raise CannotMove(
                f"This Lanchat shares no Redis. End it, start it with --redis {place}, or set redis in lanchat.toml so "
                "that it does so each time, and move the room then."
            )
        if redis_place(self._redis) != place:
            raise CannotMove(
                f"This Lanchat shares the Redis at {redis_place(self._redis)}, and a node shares one only."
            )
        if succession.is_shared(room.record):
            raise CannotMove("The room is in this Redis already.")
        if room.kind == "mirror":
            raise CannotMove(f"The room has its home at {room.record.home.name}; move it there.")
        if not room.info.online:
            raise CannotMove("Too many of the machines that decide in this room do not answer now, so it stays.")
        if room.door.policy.door == "passphrase":
            raise CannotMove(
                "A room in Redis cannot have a passphrase, because every node there lets people in by itself. "
                "Let them in by invitation, or everybody, and move it then: lanchat room NAME --door invite, or open."
            )
        return partial(self._bring, self._shared)

    def _out(self, room: Room) -> "Callable[[Room, asyncio.AbstractEventLoop, Progress], str]":
        """Return what takes a room out of Redis. Raises CannotMove."""
        if room.kind == "home":
            raise CannotMove("The room has its home here already.")
        if not succession.is_shared(room.record):
            raise CannotMove(f"The room has its home at {room.record.home.name}, and not in a Redis.")
        if self._shared is None:
            raise CannotMove("This Lanchat shares no Redis. End it, start it with --redis as before, and move it then.")
        if not room.info.online:
            raise CannotMove(f"Redis does not number the room now, so nobody can take it over. {self._shared.problem}")
        return partial(self._take, self._shared)

    def _bring(self, shared: "SharedRooms", room: Room, loop: asyncio.AbstractEventLoop, progress: Progress) -> str:
        """Bring a room into Redis; runs in a thread, so that each page waits for nobody but this job."""
        if room.id in self._moving:
            raise CannotMove("The room is being moved already.")
        self._moving.add(room.id)
        try:
            for attempts in reversed(range(ATTEMPTS)):
                try:
                    self._pass(shared, room, loop, progress)
                    break
                except LayerError:
                    if not attempts:
                        raise
                    _wait(shared, progress)
                except LanchatError:
                    self._check_there(room)
                    raise
        finally:
            self._moving.discard(room.id)
        loop.call_soon_threadsafe(shared.look)
        return " ".join([f"{room.name} is numbered by {shared.server} from now on.", *shared.durability.warnings])

    def _pass(self, shared: "SharedRooms", room: Room, loop: asyncio.AbstractEventLoop, progress: Progress) -> None:
        """Bring a room into Redis once, or leave it where it is."""

        def do(work: Coroutine[Any, Any, T]) -> T:
            return on_loop(work, loop)

        passage = shared.passage(room)
        try:
            do(passage.begin())
            while do(passage.bring()):
                progress.step(passage.brought, room.top)
            progress.step(room.top, room.top)
            do(passage.end(self._rooms))
        except BaseException:
            do(passage.give_up())
            raise

    def _check_there(self, room: Room) -> None:
        if room.id not in self._rooms:
            raise CannotMove("The room was deleted while it moved.") from None

    def _take(self, shared: "SharedRooms", room: Room, loop: asyncio.AbstractEventLoop, progress: Progress) -> str:
        """Take a room out of Redis. A Redis that was away, or forgot that it let the room go, is told again."""
        until, left = time.monotonic() + PATIENCE, ""
        while room.kind != "home":
            self._check_there(room)
            try:
                on_loop(shared.release(room), loop)
                left = f"{room.name} has left Redis, and will have its home here once everything has come."
            except LanchatError:
                if not left and time.monotonic() > until:
                    raise
            loop.call_soon_threadsafe(shared.look)
            try:
                _home(room, progress)
            except Cancelled:
                raise Cancelled(left) from None
            if left and time.monotonic() > until:
                return left
        return f"{room.name} has its home here from now on."


def _wait(shared: "SharedRooms", progress: Progress) -> None:
    """Wait until Redis is there again, or for as long as it may take."""
    progress.pause(_PAUSE)
    until = time.monotonic() + PATIENCE
    while shared.problem and time.monotonic() < until:
        progress.pause(_LOOK)


def _home(room: Room, progress: Progress) -> None:
    """Wait a moment until a room has its home here. Raises Cancelled."""
    until = time.monotonic() + _PAUSE
    while room.kind != "home" and time.monotonic() < until:
        progress.pause(_LOOK)
