"""Jobs: their states, and who is told; in threads, so many at once, so many waiting, and none left at the end."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator

import pytest

from lanchat.archive.jobs import Job, Jobs
from lanchat.archive.progress import Cancelled, Progress
from lanchat.errors import InvalidArchive, NoSuchJob, TooManyJobs
from lanchat.layers import LayerUnreachable
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


def until_cancelled(progress: Progress) -> str:
    progress.pause(60)
    return "Nobody came."


class Reports:
    """State, done and total of each report."""

    def __init__(self) -> None:
        self.all: list[tuple[str, int, int]] = []

    def __call__(self, job: Job) -> None:
        self.all.append((job.state, job.done, job.total))

    @property
    def states(self) -> list[str]:
        return [state for state, _, _ in self.all]


@pytest.fixture
def reports() -> Reports:
    return Reports()


def test_work_that_is_done_says_what_came_of_it(reports: Reports) -> None:
    job = Job("export", "me", reports)
    job.run(lambda _: "Done.")
    assert (job.state, job.text) == ("done", "Done.")
    assert reports.states == ["running", "done"]


def test_progress_is_told_seldom_and_the_end_always(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("lanchat.archive.jobs.time.monotonic", lambda: now[0])

    def work(progress: Progress) -> str:
        for done in range(100):
            now[0] += 0.01
            progress.step(done + 1, 100)
        return "Done."

    Job("export", "me", reports).run(work)
    assert reports.states[0] == "running"
    assert reports.all[-1] == ("done", 100, 100)
    assert 9 <= len(reports.all) - 2 <= 10


def test_work_that_fails_on_purpose_gives_its_sentence(reports: Reports) -> None:
    def work(_: Progress) -> str:
        raise InvalidArchive("Line 3 is no event.")

    job = Job("import", "me", reports)
    job.run(work)
    assert (job.state, job.text) == ("failed", "Line 3 is no event.")
    assert reports.states == ["running", "failed"]


def test_work_that_breaks_gives_a_sentence_and_the_log_the_rest(
    reports: Reports, caplog: pytest.LogCaptureFixture
) -> None:
    def work(_: Progress) -> str:
        raise ValueError("inside")

    job = Job("import", "me", reports)
    with caplog.at_level(logging.ERROR):
        job.run(work)
    assert (job.state, job.text) == ("failed", "Something went wrong (ValueError); the log says more.")
    assert "inside" in caplog.text


def test_a_job_that_waits_is_cancelled_at_once_and_never_runs(reports: Reports) -> None:
    job = Job("export", "me", reports)
    job.cancel()
    assert job.state == "cancelled"
    job.run(lambda _: pytest.fail("it ran"))
    assert (job.state, reports.all) == ("cancelled", [])


def test_work_that_is_cancelled_ends_at_its_next_step(reports: Reports) -> None:
    def work(progress: Progress) -> str:
        job.cancel()
        progress.step(1, 2)
        return "too far"

    job = Job("export", "me", reports)
    job.run(work)
    assert (job.state, job.text) == ("cancelled", "")
    assert reports.states == ["running", "cancelled"]


def test_work_that_was_done_when_it_was_cancelled_is_done(reports: Reports) -> None:
    def work(progress: Progress) -> str:
        job.cancel()
        return "Done all the same."

    job = Job("export", "me", reports)
    job.run(work)
    assert job.state == "done"


def test_whoever_cannot_be_reached_does_not_stop_the_work() -> None:
    def nobody(_: Job) -> None:
        raise LayerUnreachable

    job = Job("export", "me", nobody)
    job.run(lambda _: "Done.")
    assert job.state == "done"


def test_a_silenced_job_tells_nobody(reports: Reports) -> None:
    job = Job("export", "me", reports)
    job.silence()
    job.run(lambda _: "Done.")
    assert (job.state, reports.all) == ("done", [])


def test_work_that_was_cancelled_may_say_what_came_of_it(reports: Reports) -> None:
    def work(_: Progress) -> str:
        job.cancel()
        raise Cancelled("Half of it is done.")

    job = Job("import", "me", reports)
    job.run(work)
    assert (job.state, job.text) == ("cancelled", "Half of it is done.")


def test_work_that_fails_because_it_was_cancelled_is_cancelled(reports: Reports) -> None:
    def work(_: Progress) -> str:
        job.cancel()
        raise ValueError

    job = Job("import", "me", reports)
    job.run(work)
    assert (job.state, job.text) == ("cancelled", "")


async def test_work_runs_in_a_thread_while_the_loop_goes_on(jobs: Jobs, counted: Counted) -> None:
    here, go = threading.get_ident(), threading.Event()

    def work(_: Progress) -> str:
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

    def work(_: Progress) -> str:
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
    async with asyncio.timeout(60):
        await jobs.close()
    assert {job.state for job in (*begun, planned)} == {"cancelled"}


async def test_what_is_to_be_cleaned_up_is_even_when_the_work_never_began(jobs: Jobs) -> None:
    cleaned: list[str] = []
    running = [jobs.begin("export", "me", nobody, until_cancelled) for _ in range(2)]
    planned = jobs.plan("import", "me", nobody)
    jobs.start(planned, until_cancelled, lambda: cleaned.append(planned.state))
    jobs.cancel(planned.id, "me")
    for job in running:
        jobs.cancel(job.id, "me")
    await eventually(lambda: cleaned == ["cancelled"])
