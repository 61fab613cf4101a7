"""Long work outside the event loop, at most so much at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from lanchat.archive.job import Job, Tell, Work
from lanchat.errors import NoSuchJob, TooManyJobs
from lanchat.metrics import Count, uncounted

AT_ONCE = 2
"""Jobs that run at the same time."""
WAITING = 8
"""Jobs that wait beside them at most."""


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

    def plan(self, kind: str, owner: str, tell: Tell) -> Job:
        """Take a place for a job whose work is not known yet; it waits until `start`, or until it is cancelled.

        Raises:
            TooManyJobs: all places are taken.
        """
        if len(self._jobs) >= self._most:
            raise TooManyJobs
        job = Job(kind, owner, tell)
        self._jobs[job.id] = job
        self._unstarted.add(job)
        return job

    def start(self, job: Job, work: Work) -> None:
        """Do the work of a planned job as soon as a thread is free."""
        self._unstarted.discard(job)
        running = asyncio.get_running_loop().run_in_executor(self._pool, job.run, work)
        self._running.add(running)
        running.add_done_callback(lambda done: self._ended(job, done))

    def begin(self, kind: str, owner: str, tell: Tell, work: Work) -> Job:
        """Plan and start. Raises TooManyJobs."""
        job = self.plan(kind, owner, tell)
        self.start(job, work)
        return job

    def get(self, job: str, owner: str) -> Job:
        """Return the job with this id that `owner` asked for. Raises NoSuchJob when there is none, or it has ended."""
        found = self._jobs.get(job)
        if found is None or found.owner != owner:
            raise NoSuchJob
        return found

    def cancel(self, job: str, owner: str) -> Job:
        """End a job; one that runs tells when it has. Raises NoSuchJob as `get` does."""
        found = self.get(job, owner)
        found.cancel()
        if found.ended:
            self._drop(found)
        return found

    def fail(self, job: Job, sentence: str) -> None:
        """End a planned job whose work will never come, and tell why."""
        job.finish("failed", sentence, only_from="waiting")
        job.say()
        self._drop(job)

    def leave(self, owner: str, *, end: bool = False) -> None:
        """Tell `owner` no more, who is gone; what was not started yet ends, and with `end` everything."""
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
