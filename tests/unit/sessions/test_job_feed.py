"""What a client is told of its jobs, out of other threads."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lanchat.archive.jobs import Job, Jobs
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import JobStatus
from lanchat.protocol.codec import decode_reply
from lanchat.sessions.job_feed import JobFeed, status_of
from tests.support.conditions import eventually


@pytest.fixture
async def jobs() -> AsyncIterator[Jobs]:
    jobs = Jobs()
    yield jobs
    await jobs.close()


async def test_a_client_hears_of_its_jobs_until_it_leaves(layer: InMemoryChannelLayer, jobs: Jobs) -> None:
    sent: list[bytes] = []
    feed = JobFeed(layer, sent.append)
    assert feed.channel == ""
    owner = await feed.open()
    assert await feed.open() == owner == feed.channel
    job = jobs.begin("export", owner, feed.report, lambda progress: "It is there.")
    await eventually(lambda: job.ended)
    await eventually(lambda: len(sent) >= 2)
    told = [decode_reply(frame) for frame in sent]
    assert told[-1] == JobStatus(id=job.id, kind="export", state="done", text="It is there.")
    waiting = jobs.plan("import", owner, feed.report)
    feed.end(jobs)
    assert waiting.state == "cancelled"
    assert layer.channels == {}


async def test_who_asked_for_nothing_leaves_nothing(layer: InMemoryChannelLayer, jobs: Jobs) -> None:
    JobFeed(layer, print).end(jobs)
    assert layer.channels == {}


async def test_how_a_job_stands_may_be_said_in_its_thread(layer: InMemoryChannelLayer) -> None:
    sent: list[bytes] = []
    feed = JobFeed(layer, sent.append)
    job = Job("import", await feed.open(), feed.report)
    await asyncio.to_thread(job.report)
    await eventually(lambda: len(sent) == 1)
    assert decode_reply(sent[0]) == status_of(job)
