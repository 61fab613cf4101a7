"""Long work outside the event loop, at most so much at once; whoever asked for it is told how it goes."""

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from lanchat.archive.progress import Cancelled, Progress
from lanchat.errors import LanchatError, NoSuchJob, TooManyJobs
from lanchat.layers import LayerError
from lanchat.metrics import Count, uncounted

_log = logging.getLogger(__name__)

AT_ONCE = 2
"""Jobs that run at the same time."""
WAITING = 8
"""Jobs that wait beside them at most."""
BETWEEN = 0.1
"""Seconds between two reports of one job's steps."""

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Report = Callable[["Job"], None]
"""Called in the job's own thread whenever the job has gone on. May raise LayerError: then nobody is there any more."""
Work = Callable[[Progress], str]
"""Runs in a thread of its own, and returns a sentence about what came of it."""


class Job(Progress):
    """One piece of work.

    Attributes:
        id: its random id.
        kind: what it does.
        owner: who asked for it.
        state: how it stands; the last three states are the end.
        text: what came of it, or why nothing did.
    """

    def __init__(self, kind: str, owner: str, report: Report) -> None:
        super().__init__()
        self.id = secrets.token_hex(16)
        self.kind = kind
        self.owner = owner
        self.state: State = "waiting"
        self.text = ""
        self._report: Report | None = report
        self._reported = 0.0
        self._turn = threading.Lock()

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state not in {"waiting", "running"}

    def cancel(self) -> None:
        """End it at its next step; one that waits has ended by this."""
        super().cancel()
        self._change("cancelled", only_from="waiting")

    def fail(self, sentence: str) -> None:
        """End it when it still waits for its work, which will never come, and report why."""
        self._change("failed", sentence, only_from="waiting")
        self.report()

    def step(self, done: int, total: int) -> None:
        """Note how much is done of how much; the one who asked is told at most every BETWEEN seconds."""
        super().step(done, total)
        if time.monotonic() - self._reported >= BETWEEN:
            self.report()

    def silence(self) -> None:
        """Report to nobody any more."""
        self._report = None

    def run(self, work: Work) -> None:
        """Do the work, and report how it goes. Raises nothing."""
        if not self._change("running", only_from="waiting"):
            return
        self.done = self.total = 0
        self.report()
        try:
            self._change("done", work(self))
        except Cancelled as error:
            self._change("cancelled", str(error))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the one who asked is told
            if self.cancelled:
                self._change("cancelled")
            elif isinstance(error, LanchatError):
                self._change("failed", str(error))
            else:
                _log.exception("A job of kind %s failed", self.kind)
                self._change("failed", f"Something went wrong ({type(error).__name__}); the log says more.")
        self.report()

    def report(self) -> None:
        """Tell the one who asked how it stands."""
        self._reported = time.monotonic()
        report = self._report
        if report is not None:
            try:
                report(self)
            except LayerError as error:
                _log.info("The progress of a job of kind %s reached nobody: %s", self.kind, error)

    def _change(self, state: State, text: str = "", *, only_from: State = "running") -> bool:
        """Change the state, unless another thread was first; whether it was changed."""
        with self._turn:
            if self.state != only_from:
                return False
            self.state, self.text = state, text
        return True


class Jobs:
    """The jobs of one node. They end when it ends.

    Args:
        at_once: jobs that run at the same time.
        waiting: jobs that wait beside them at most.
        count: counts how they end.
    """

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING, count: Count = uncounted) -> None:
        self._most = at_once + waiting
        self._count = count
        self._jobs: dict[str, Job] = {}
        self._unstarted: set[Job] = set()
        self._running: set[asyncio.Future[None]] = set()
        self._pool = ThreadPoolExecutor(at_once, "job")

    def plan(self, kind: str, owner: str, report: Report) -> Job:
        """Take a place for a job whose work is not known yet; it waits until `start`, or until it is cancelled.

        Raises:
            TooManyJobs: all places are taken.
        """
        if len(self._jobs) >= self._most:
            raise TooManyJobs
        job = Job(kind, owner, report)
        self._jobs[job.id] = job
        self._unstarted.add(job)
        return job

    def start(self, job: Job, work: Work, cleanup: Callable[[], None] | None = None) -> None:
        """Do the work of a planned job as soon as a thread is free.

        Args:
            job: from `plan`.
            work: what is to be done; a job that is cancelled before it has a thread does nothing.
            cleanup: called at the end in the job's thread, whatever became of the job.
        """
        self._unstarted.discard(job)
        running = asyncio.get_running_loop().run_in_executor(self._pool, _run, job, work, cleanup)
        self._running.add(running)
        running.add_done_callback(lambda done: self._ended(job, done))

    def begin(self, kind: str, owner: str, report: Report, work: Work) -> Job:
        """Plan and start. Raises TooManyJobs."""
        job = self.plan(kind, owner, report)
        self.start(job, work)
        return job

    def get(self, job: str, owner: str) -> Job:
        """Return the job with this id that `owner` asked for. Raises NoSuchJob when there is none, or it has ended."""
        found = self._jobs.get(job)
        if found is None or found.owner != owner:
            raise NoSuchJob
        return found

    def cancel(self, job: str, owner: str) -> Job:
        """End a job; one that runs reports when it has. Raises NoSuchJob as `get` does."""
        found = self.get(job, owner)
        found.cancel()
        if found.ended:
            self._drop(found)
        return found

    def fail(self, job: Job, sentence: str) -> None:
        """End a planned job whose work will never come, and report why."""
        job.fail(sentence)
        self._drop(job)

    def leave(self, owner: str, *, end: bool = False) -> None:
        """Report to `owner` no more, who is gone; what was not started yet ends, and with `end` everything."""
        for job in [job for job in self._jobs.values() if job.owner == owner]:
            job.silence()
            if end or job in self._unstarted:
                self.cancel(job.id, owner)

    async def close(self) -> None:
        """End all jobs, and wait until they have."""
        for job in tuple(self._jobs.values()):
            job.cancel()
        if self._running:
            await asyncio.wait(self._running)
        self._pool.shutdown()

    def _ended(self, job: Job, running: asyncio.Future[None]) -> None:
        self._running.discard(running)
        self._drop(job)

    def _drop(self, job: Job) -> None:
        """Return the place of a job back that has ended."""
        self._unstarted.discard(job)
        if self._jobs.pop(job.id, None) is not None:
            self._count("jobs", label=job.state)


def _run(job: Job, work: Work, cleanup: Callable[[], None] | None) -> None:
    try:
        job.run(work)
    finally:
        if cleanup is not None:
            cleanup()
