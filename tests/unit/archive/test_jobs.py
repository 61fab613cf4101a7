"""Jobs in threads: so many at once, so many waiting, and none left when the node ends."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from lanchat.archive.job import Job
from lanchat.archive.jobs import Jobs
from lanchat.errors import NoSuchJob, TooManyJobs
from tests.support.conditions import eventually


class Counted:
    """How many jobs ended how."""

    def __init__(self) -> None:
        self.ends: dict[str, int] = {}

    def __call__(self, name: str, value: int = 1, *, label: str = "") -> None:
        assert name == "jobs"
        self.ends[label] = self.ends.get(label, 0) + value


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
async def jobs(counted: Counted) -> AsyncIterator[Jobs]:
    jobs = Jobs(at_once=2, waiting=3, count=counted)
    yield jobs
    await jobs.close()


def nobody(_: Job) -> None:
    """Tells nobody."""


def until_cancelled(job: Job) -> str:
    job.pause(60)
    return "Nobody came."


async def test_work_runs_in_a_thread_while_the_loop_goes_on(jobs: Jobs, counted: Counted) -> None:
    here, go = threading.get_ident(), threading.Event()

    def work(_: Job) -> str:
        assert go.wait(5)
        return str(threading.get_ident() != here)

    job = jobs.begin("export", "me", nobody, work)
    await eventually(lambda: job.state == "running")
    go.set()
    await eventually(lambda: job.state == "done")
    assert job.text == "True"
    await eventually(lambda: counted.ends == {"done": 1})
    with pytest.raises(NoSuchJob):
        jobs.get(job.id, "me")


async def test_there_is_an_end_to_how_many_there_are(jobs: Jobs) -> None:
    begun = [jobs.begin("export", "me", nobody, until_cancelled) for _ in range(5)]
    await eventually(lambda: [job.state for job in begun] == ["running"] * 2 + ["waiting"] * 3)
    with pytest.raises(TooManyJobs):
        jobs.begin("export", "me", nobody, until_cancelled)
    with pytest.raises(TooManyJobs):
        jobs.plan("import", "me", nobody)
    assert jobs.cancel(begun[4].id, "me").state == "cancelled"
    jobs.plan("import", "me", nobody)
    jobs.cancel(begun[0].id, "me")
    await eventually(lambda: begun[0].state == "cancelled")
    await eventually(lambda: begun[2].state == "running")


async def test_a_job_is_its_owners_only(jobs: Jobs) -> None:
    job = jobs.begin("export", "me", nobody, until_cancelled)
    for owner, which in (("you", job.id), ("me", "nonsense")):
        with pytest.raises(NoSuchJob):
            jobs.cancel(which, owner)
    assert jobs.get(job.id, "me") is job


async def test_a_planned_job_fails_with_a_sentence_when_its_work_does_not_come(jobs: Jobs, counted: Counted) -> None:
    told: list[tuple[str, str]] = []
    job = jobs.plan("import", "me", lambda job: told.append((job.state, job.text)))
    jobs.fail(job, "The upload was cut.")
    assert told == [("failed", "The upload was cut.")]
    assert counted.ends == {"failed": 1}
    with pytest.raises(NoSuchJob):
        jobs.get(job.id, "me")


async def test_who_leaves_is_told_no_more_and_what_runs_goes_on(jobs: Jobs) -> None:
    go, told = threading.Event(), []

    def work(_: Job) -> str:
        assert go.wait(5)
        return "Done."

    running = jobs.begin("export", "me", lambda job: told.append(job.state), work)
    planned = jobs.plan("import", "me", nobody)
    others = jobs.plan("import", "you", nobody)
    await eventually(lambda: told == ["running"])
    jobs.leave("me")
    assert (planned.state, others.state) == ("cancelled", "waiting")
    go.set()
    await eventually(lambda: running.state == "done")
    assert told == ["running"]


async def test_who_leaves_may_end_everything(jobs: Jobs) -> None:
    job = jobs.begin("export", "me", nobody, until_cancelled)
    await eventually(lambda: job.state == "running")
    jobs.leave("me", end=True)
    await eventually(lambda: job.state == "cancelled")


async def test_all_jobs_end_with_the_node(counted: Counted) -> None:
    jobs = Jobs(at_once=1, count=counted)
    begun = [jobs.begin("export", "me", nobody, until_cancelled) for _ in range(3)]
    planned = jobs.plan("import", "me", nobody)
    await eventually(lambda: begun[0].state == "running")
    async with asyncio.timeout(5):
        await jobs.close()
    assert {job.state for job in (*begun, planned)} == {"cancelled"}
