"""How a program has the node of its user do what takes long: export a room, or import one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from lanchat.archive import ArchiveFormat
from lanchat.errors import InvalidArchive, JobError, LanchatError, NoSuchRoom, Unreachable
from lanchat.lan.connection import CONNECT, Connection, dial
from lanchat.protocol import VERSION, Cancel, Done, Export, Forget, Hello, Import, JobStatus, MoveRoom, RoomList, Unite
from lanchat.runtime import Running

PATIENCE = 5.0
"""Seconds that a cancelled job may take to end."""
_ENDS = {"done", "failed", "cancelled"}
OnProgress = Callable[[JobStatus], None]
"""Called whenever a job has gone on."""


@asynccontextmanager
async def at_window(node: Running) -> AsyncIterator[Connection]:
    """Connect to the node as its owner's window does.

    Raises:
        Unreachable: nobody answers there.
        Unauthorised: it is another node, and has other keys.
    """
    async with dial(node.window, Hello(version=VERSION, client="window", token=node.key)) as connection:
        yield connection


async def export_room(connection: Connection, name: str, archive_format: ArchiveFormat, on_progress: OnProgress) -> str:
    """Have the node write a room into a file among its downloads; return its sentence about that.

    Raises:
        NoSuchRoom: the node has none of this name.
        JobError: it cannot write the file.
        Unreachable: the connection ended before.
    """
    command = Export(room=await _room_here(connection, name), format=archive_format)
    return await _follow(connection, await _begin(connection, command, on_progress), on_progress)


async def forget_room(connection: Connection, name: str) -> None:
    """Have the node delete a room and everything said in it. Raises NoSuchRoom, JournalError, Unreachable."""
    await connection.ask(Forget(room=await _room_here(connection, name)), Done)


async def unite_room(connection: Connection, name: str) -> str:
    """Have the node let its room of a name go on as another one of it; return the name of the other's home.

    Raises:
        NoSuchRoom: the node has none of this name, or nobody else has one.
        StaysApart, NotModerator: they cannot become one.
        Unreachable: the connection ended before.
    """
    async for reply in connection:
        if not isinstance(reply, RoomList):
            continue
        named = [room for room in reply.rooms if room.name == name]
        mine = [room.id for room in named if room.kind != "found"]
        others = [room for room in named if room.kind == "found" and room.top]
        if not mine or not others:
            raise NoSuchRoom(f"There are no two rooms called {name!r}, one of this machine and one elsewhere.")
        other = min(others, key=lambda room: room.id)
        await connection.ask(Unite(room=mine[0], into=other.id), Done)
        return other.node.name
    raise Unreachable(f"The node at {connection.url} ended the connection without an answer.")


async def move_room(connection: Connection, name: str, to: str, on_progress: OnProgress) -> str:
    """Have the node move a room into its Redis, or out of it; return its sentence about that.

    Raises:
        NoSuchRoom: the node has none of this name.
        CannotMove, NotModerator: it is not moved there.
        JobError: it could not be moved.
        Unreachable: the connection ended before.
    """
    command = MoveRoom(room=await _room_here(connection, name), to=to)
    return await _follow(connection, await _begin(connection, command, on_progress), on_progress)


async def import_room(
    connection: Connection,
    node: Running,
    file: Path,
    on_progress: OnProgress,
    *,
    merge: bool = False,
    carried: bool = False,
) -> str:
    """Have the node read a file in; return its sentence about that.

    Raises:
        InvalidArchive: no file of this size can be an exported room.
        JobError: the node cannot read it in.
        Unreachable: the connection ended before.
    """
    job = await _begin(connection, Import(size=_size(file), merge=merge, carried=carried), on_progress)
    sending = asyncio.create_task(_send(connection, node, file, job))
    try:
        return await _follow(connection, job, on_progress)
    except JobError:
        if sending.done():
            await sending  # it knows better why there is nothing to read
        raise
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise InvalidArchive(f"{file} cannot be read: {error.strerror}.") from None


async def _room_here(connection: Connection, name: str) -> str:
    async for reply in connection:
        if isinstance(reply, RoomList):
            named = [room for room in reply.rooms if room.name == name and room.kind != "found"]
            if not named:
                raise NoSuchRoom(
                    f"There is no room called {name!r} on this machine; lanchat rooms lists what there is."
                )
            return min(named, key=lambda room: room.kind != "home").id
    raise Unreachable(f"The node at {connection.url} ended the connection without an answer.")


async def _begin(connection: Connection, command: Export | Import | MoveRoom, on_progress: OnProgress) -> JobStatus:
    """Have a job begun; when that is cancelled, so is the job, which may run before we have heard of it."""
    asking = asyncio.ensure_future(connection.ask(command, JobStatus))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        with contextlib.suppress(TimeoutError, LanchatError):
            async with asyncio.timeout(PATIENCE):
                await _cancel(connection, await asking, on_progress)
        raise


async def _follow(connection: Connection, job: JobStatus, on_progress: OnProgress) -> str:
    """Wait until a job has ended; cancel it when the waiting is cancelled, and tell how it has ended then."""
    try:
        return await _end_of(connection, job, on_progress)
    except asyncio.CancelledError:
        with contextlib.suppress(TimeoutError, LanchatError):
            async with asyncio.timeout(PATIENCE):
                await _cancel(connection, job, on_progress)
        raise


async def _cancel(connection: Connection, job: JobStatus, on_progress: OnProgress) -> None:
    await _end_of(connection, await connection.ask(Cancel(job=job.id), JobStatus), on_progress)


async def _end_of(connection: Connection, job: JobStatus, on_progress: OnProgress) -> str:
    """Return a job's sentence. Raises JobError with it when nothing came of it."""
    on_progress(job)
    if job.state in _ENDS:
        return _sentence(job)
    async for reply in connection:
        if isinstance(reply, JobStatus) and reply.id == job.id:
            on_progress(reply)
            if reply.state in _ENDS:
                return _sentence(reply)
    raise Unreachable(f"The node at {connection.url} ended before the job was done.")


def _sentence(job: JobStatus) -> str:
    if job.state != "done":
        raise JobError(job.text or "The job was cancelled.")
    return job.text


async def _send(connection: Connection, node: Running, file: Path, job: JobStatus) -> None:
    """Upload the file; when that is not possible, end the job, which would wait for it."""
    timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT)
    headers = {"Authorization": f"Bearer {node.key}"}
    try:
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            with file.open("rb") as content:
                async with session.post(f"{node.window}jobs/{job.id}", data=content) as answer:
                    await answer.read()
    except (aiohttp.ClientError, OSError) as error:
        with contextlib.suppress(Unreachable):
            await connection.send(Cancel(job=job.id))
        raise JobError(f"{file} cannot be sent to the node: {error}.") from None
