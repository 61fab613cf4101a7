"""One piece of work, run here and now: its states, and who is told."""

import logging

import pytest

from lanchat.archive.job import Job
from lanchat.errors import InvalidArchive, LayerUnreachable


class Told:
    """What the one who asked was told: state, done and total."""

    def __init__(self) -> None:
        self.said: list[tuple[str, int, int]] = []

    def __call__(self, job: Job) -> None:
        self.said.append((job.state, job.done, job.total))

    @property
    def states(self) -> list[str]:
        return [state for state, _, _ in self.said]


@pytest.fixture
def told() -> Told:
    return Told()


def test_work_that_is_done_says_what_came_of_it(told: Told) -> None:
    job = Job("export", "me", told)
    job.run(lambda job: f"Done by {job.kind}.")
    assert (job.state, job.text) == ("done", "Done by export.")
    assert told.states == ["running", "done"]


def test_progress_is_told_seldom_and_the_end_always(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("lanchat.archive.job.time.monotonic", lambda: now[0])

    def work(job: Job) -> str:
        for done in range(100):
            now[0] += 0.01
            job.progress(done + 1, 100)
        return "Done."

    Job("export", "me", told).run(work)
    assert told.states[0] == "running"
    assert told.said[-1] == ("done", 100, 100)
    assert 9 <= len(told.said) - 2 <= 10


def test_work_that_fails_on_purpose_gives_its_sentence(told: Told) -> None:
    def work(_: Job) -> str:
        raise InvalidArchive("Line 3 is no event.")

    job = Job("import", "me", told)
    job.run(work)
    assert (job.state, job.text) == ("failed", "Line 3 is no event.")
    assert told.states == ["running", "failed"]


def test_work_that_breaks_gives_a_sentence_and_the_log_the_rest(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    def work(_: Job) -> str:
        raise ValueError("inside")

    job = Job("import", "me", told)
    with caplog.at_level(logging.ERROR):
        job.run(work)
    assert (job.state, job.text) == ("failed", "Something went wrong (ValueError); the log says more.")
    assert "inside" in caplog.text


def test_a_job_that_waits_is_cancelled_at_once_and_never_runs(told: Told) -> None:
    job = Job("export", "me", told)
    job.cancel()
    assert job.state == "cancelled"
    job.run(lambda _: pytest.fail("it ran"))
    assert (job.state, told.said) == ("cancelled", [])


def test_work_that_is_cancelled_stops_where_it_looks(told: Told) -> None:
    def work(job: Job) -> str:
        job.cancel()
        assert job.cancelled()
        job.pause(1000)
        return "too far"

    job = Job("export", "me", told)
    job.run(work)
    assert (job.state, job.text) == ("cancelled", "")
    assert told.states == ["running", "cancelled"]


def test_a_pause_that_nobody_disturbs_ends_by_itself(told: Told) -> None:
    Job("export", "me", told).pause(0.001)


def test_work_that_was_done_when_it_was_cancelled_is_done(told: Told) -> None:
    def work(job: Job) -> str:
        job.cancel()
        return "Done all the same."

    job = Job("export", "me", told)
    job.run(work)
    assert job.state == "done"


def test_whoever_cannot_be_reached_does_not_stop_the_work() -> None:
    def nobody(_: Job) -> None:
        raise LayerUnreachable

    job = Job("export", "me", nobody)
    job.run(lambda _: "Done.")
    assert job.state == "done"


def test_a_silenced_job_tells_nobody(told: Told) -> None:
    job = Job("export", "me", told)
    job.silence()
    job.run(lambda _: "Done.")
    assert (job.state, told.said) == ("done", [])
