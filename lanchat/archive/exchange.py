"""RoomRegistry out into files and in again, as jobs."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal, Protocol

from lanchat.archive.job import Job, Stopped, Tell
from lanchat.archive.jobs import Jobs
from lanchat.archive.store import Downloads
from lanchat.errors import InvalidArchive, JobError, NoSuchJob
from lanchat.rooms import RoomRegistry

MAX_ARCHIVE = 1 << 30
"""Largest file that is imported, in bytes."""
STALL = 30.0
"""Seconds without a byte after which an upload counts as cut."""

Form = Literal["jsonl", "html"]
Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]


class Archives(Protocol):
    """Writes and reads the files. Called in a job's thread; may end early, in whatever way, once it is cancelled."""

    def write(self, room: str, form: Form, target: Path, progress: Progress, cancelled: Cancelled) -> int:
        """Write everything of the room with this id into a new file; give how many entries that were."""

    def read(self, source: Path, progress: Progress, cancelled: Cancelled) -> str:
        """Bring back the room that is in a file; give the sentence that says what came of it.

        Raises:
            InvalidArchive: the file is no exported room.
        """


class Exchange:
    """Exports and imports of one node.

    Args:
        jobs: does the work.
        rooms: the rooms.
        archives: writes and reads the files.
        downloads: where exports go.
        incoming: folder for uploads on their way; its content is deleted.

    Attributes:
        jobs: does the work.
    """

    def __init__(
        self, jobs: Jobs, rooms: RoomRegistry, archives: Archives, downloads: Downloads, incoming: Path
    ) -> None:
        self.jobs = jobs
        self._rooms = rooms
        self._archives = archives
        self._downloads = downloads
        self._incoming = incoming
        self._expected: dict[str, tuple[Job, int]] = {}
        shutil.rmtree(incoming, ignore_errors=True)  # what a node that was killed has left

    def export(self, room: str, form: Form, owner: str, tell: Tell) -> Job:
        """Begin to write a room into a file.

        Raises:
            NoSuchRoom: there is none with this id here.
            TooManyJobs: all places are taken.
        """
        found = self._rooms.get(room)
        return self.jobs.begin("export", owner, tell, lambda job: self._write(job, found.id, found.name, form))

    def expect(self, size: int, owner: str, tell: Tell) -> Job:
        """Begin to import a file of so many bytes, which `receive` takes.

        Raises:
            InvalidArchive: no file of that size can be one.
            TooManyJobs: all places are taken.
        """
        if not 0 < size <= MAX_ARCHIVE:
            raise InvalidArchive(f"An exported room has 1 to {MAX_ARCHIVE} bytes, not {size}.")
        job = self.jobs.plan("import", owner, tell)
        job.total = size
        self._expected = {known: each for known, each in self._expected.items() if not each[0].ended}
        self._expected[job.id] = (job, size)
        return job

    async def receive(self, job: str, chunks: AsyncIterator[bytes]) -> None:
        """Take the file of an import, and read it when it is whole. When it is not, the job fails.

        Raises:
            NoSuchJob: no import of this id waits for a file.
            InvalidArchive: the file has another size than was said.
            JobError: it was cut or cancelled on its way, or cannot be kept.
        """
        expected, size = self._expected.pop(job, (None, 0))
        if expected is None or expected.ended:
            raise NoSuchJob
        source = self._incoming / f"{job}.part"
        try:
            await self._store(expected, size, chunks, source)
        except BaseException as error:
            _remove(source)
            refusal = _refusal(error)
            self.jobs.fail(expected, str(refusal))
            if isinstance(error, Exception):
                raise refusal from error
            raise
        self.jobs.start(expected, lambda job: self._read(job, source))

    async def _store(self, job: Job, size: int, chunks: AsyncIterator[bytes], target: Path) -> None:
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        arrived = 0
        with target.open("wb") as file:
            async with asyncio.timeout(STALL) as patience:
                async for chunk in chunks:
                    patience.reschedule(loop.time() + STALL)
                    arrived += len(chunk)
                    if job.cancelled():
                        raise Stopped
                    if arrived > size:
                        break
                    await loop.run_in_executor(None, file.write, chunk)
                    job.progress(arrived, size)
        if arrived != size:
            raise InvalidArchive(f"{size} bytes were announced, and {'more' if arrived > size else arrived} came.")

    def _write(self, job: Job, room: str, name: str, form: Form) -> str:
        try:
            with self._downloads.draft(job.id) as draft:
                count = self._archives.write(room, form, draft, job.progress, job.cancelled)
                if job.cancelled():
                    raise Stopped
                path = self._downloads.publish(draft, f"{name} {time.strftime('%Y-%m-%d')}", f".{form}")
        except OSError as error:
            raise JobError(f"The file cannot be written: {error.strerror or error}.") from error
        return f"{count} {'entry is' if count == 1 else 'entries are'} in {path}."

    def _read(self, job: Job, source: Path) -> str:
        try:
            return self._archives.read(source, job.progress, job.cancelled)
        finally:
            _remove(source)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _refusal(error: BaseException) -> JobError:
    if isinstance(error, JobError):
        return error
    if isinstance(error, Stopped):
        return JobError("The import was cancelled.")
    if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
        return JobError(f"The file cannot be kept: {error.strerror}.")
    return JobError("The upload was cut before it was whole.")
