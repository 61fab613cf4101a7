"""Rooms of a node out into files and in again, as jobs."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

from lanchat.archive.carrying import BranchTarget, open_branch
from lanchat.archive.exporting import ArchiveFormat, export_room
from lanchat.archive.importing import ImportTarget, import_room
from lanchat.archive.jobs import Job, Jobs, Report
from lanchat.archive.progress import Cancelled, Progress
from lanchat.archive.revealing import reveal
from lanchat.archive.store import DownloadFolder, make_private
from lanchat.errors import InvalidArchive, JobError, NoSuchJob
from lanchat.identity import Seal
from lanchat.journal import Journal, Reader
from lanchat.rooms import RoomRegistry

MAX_ARCHIVE = 1 << 30
"""Largest file that is imported, in bytes."""
Taking = Callable[[Path, Progress], str]
"""What is done with a file that has come."""
STALL = 30.0
"""Seconds without a byte after which an upload counts as cut."""


class RoomTransfers:
    """Exports and imports of one node.

    Args:
        jobs: does the work.
        rooms: the rooms.
        journal: has what is said in them.
        exports: where exports go.
        imports: where imports go.
        branches: where branches are joined.
        seal: signs what was said at this node and goes into a file.
        incoming: folder for uploads on their way; its content is deleted.

    Attributes:
        jobs: does the work.
    """

    def __init__(  # noqa: PLR0917
        self,
        jobs: Jobs,
        rooms: RoomRegistry,
        journal: Journal,
        exports: DownloadFolder,
        imports: ImportTarget,
        branches: BranchTarget,
        seal: Seal,
        incoming: Path,
    ) -> None:
        self.jobs = jobs
        self._rooms = rooms
        self._journal = journal
        self._exports = exports
        self._imports = imports
        self._branches = branches
        self._seal = seal
        self._incoming = incoming
        self._expected: dict[str, tuple[Job, int, Taking]] = {}
        shutil.rmtree(incoming, ignore_errors=True)  # what a node that was killed has left

    def export(self, room: str, archive_format: ArchiveFormat, owner: str, report: Report) -> Job:
        """Begin to write a room into a file.

        Raises:
            NoSuchRoom: there is none with this id here.
            TooManyJobs: all places are taken.
        """
        return self.jobs.begin("export", owner, report, partial(self._write, self._rooms.get(room).id, archive_format))

    async def reveal(self) -> None:
        """Show the folder of the exports to whoever sits at this machine. Raises JobError."""
        await reveal(self._exports.folder)

    def expect(self, size: int, owner: str, report: Report, *, merge: bool = False, carried: bool = False) -> Job:
        """Begin to import a file of so many bytes, which `receive` takes.

        Args:
            size: of the file.
            owner: who asks.
            report: told how it goes.
            merge: whether it may bring new entries into a room that has its home here.
            carried: whether it is a branch, to be joined with what is here.

        Raises:
            InvalidArchive: no file of that size can be one.
            TooManyJobs: all places are taken.
        """
        if not 0 < size <= MAX_ARCHIVE:
            raise InvalidArchive(f"An exported room has 1 to {MAX_ARCHIVE} bytes, not {size}.")
        job = self.jobs.plan("import", owner, report)
        job.total = size
        self._expected = {known: each for known, each in self._expected.items() if not each[0].ended}
        take: Taking = self._open if carried else partial(self._import, merge)
        self._expected[job.id] = (job, size, take)
        return job

    async def receive(self, job: str, chunks: AsyncIterator[bytes]) -> None:
        """Take the file of an import, and read it when it is whole. When it is not, the job fails.

        Raises:
            NoSuchJob: no import of this id waits for a file.
            InvalidArchive: the file has another size than was said.
            JobError: it was cut or cancelled on its way, or cannot be kept.
        """
        expected, size, take = self._expected.pop(job, (None, 0, self._open))
        if expected is None or expected.ended:
            raise NoSuchJob
        source = self._incoming / f"{job}.part"
        try:
            await _store(chunks, size, source, expected)
        except BaseException as error:
            _remove(source)
            refusal = _refusal(error)
            self.jobs.fail(expected, str(refusal))
            if isinstance(error, Exception):
                raise refusal from error
            raise
        self.jobs.start(expected, partial(take, source), partial(_remove, source))

    def _write(self, room: str, archive_format: ArchiveFormat, progress: Progress) -> str:
        with Reader(self._journal.path) as reader:
            return str(export_room(reader, room, archive_format, self._exports, progress, seal=self._seal))

    def _import(self, merge: bool, source: Path, progress: Progress) -> str:
        return str(import_room(source, self._imports, progress, merge=merge))

    def _open(self, source: Path, progress: Progress) -> str:
        return str(open_branch(source, self._branches, progress))


async def _store(chunks: AsyncIterator[bytes], size: int, target: Path, progress: Progress) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    loop = asyncio.get_running_loop()
    arrived = 0
    with make_private(target).open("wb") as file:
        async with asyncio.timeout(STALL) as patience:
            async for chunk in chunks:
                patience.reschedule(loop.time() + STALL)
                arrived += len(chunk)
                if arrived > size:
                    break
                await loop.run_in_executor(None, file.write, chunk)
                progress.step(arrived, size)
    if arrived != size:
        raise InvalidArchive(f"{size} bytes were announced, and {'more' if arrived > size else arrived} came.")


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _refusal(error: BaseException) -> JobError:
    if isinstance(error, JobError):
        return error
    if isinstance(error, Cancelled):
        return JobError("The import was cancelled.")
    if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
        return JobError(f"The file cannot be kept: {error.strerror}.")
    return JobError("The upload was cut before it was whole.")
