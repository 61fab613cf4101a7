"""The background jobs of the tutorial: work that takes a while, outside the event loop; its result comes back."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from lanchat.archive import Job, Jobs, Progress
from lanchat.consumers import AsyncJsonWebsocketConsumer
from lanchat.errors import TooManyJobs
from lanchat.layers import BaseChannelLayer, LayerError, Message
from lanchat.protocol import MAX_TEXT
from lanchat.showcase.tasks import TASKS, Task

PAUSE = 1.0
"""Seconds between two jobs of one client."""


class BackgroundJobConsumer(AsyncJsonWebsocketConsumer):
    """One client. What it sends is refused with the status `error`, or queued; its result comes as `job_result`.

    Args:
        layers: where the layer `chat` is, which brings results back.
        jobs: does the work. Clients share its places, and their jobs end with their connection.
    """

    channel_layer_alias = "chat"

    def __init__(self, *, layers: Mapping[str, BaseChannelLayer], jobs: Jobs) -> None:
        super().__init__(layers=layers)
        self._jobs = jobs
        self._next = 0.0

    async def connect(self) -> None:
        """Accept and greet."""
        await self.accept()
        await self._answer("connected", "🔄 Background Job Processor: Connected!")

    async def receive_json(self, content: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Queue one job."""
        match content:
            case {"content": str(text), **more} if text.strip() and len(text) <= MAX_TEXT:
                kind = str(more.get("type"))
                await self._queue(kind if kind in TASKS else "default", text)
            case _:
                await self._answer("error", f'❌ Send an object with a "content" of 1 to {MAX_TEXT} characters.')

    async def receive_other(self, text_data: str | None, bytes_data: bytes | None) -> None:
        """Explain what a job looks like."""
        await self._answer("error", '❌ Send JSON, for example {"type": "translate", "content": "hello"}.')

    async def disconnect(self, code: int) -> None:
        """End the jobs that nobody waits for any more."""
        self._jobs.leave(self.channel_name, end=True)

    async def job_result(self, message: Message) -> None:
        """Show what came of a job."""
        await self.send_json({"type": "job_result", "message": message["message"]})

    async def _queue(self, kind: str, text: str) -> None:
        now = time.monotonic()
        if now < self._next:
            await self._answer("error", "❌ Too fast: one job a second, please.")
            return
        self._next = now + PAUSE
        await self._answer("queuing", f"⏳ Queuing {kind} job: {text}")
        try:
            job = self._jobs.begin(kind, self.channel_name, self._report, partial(_do, TASKS[kind], text))
        except TooManyJobs as error:
            await self._answer("error", f"❌ {error}")
            return
        await self._answer("queued", f"📋 Job {job.id} is queued; its result comes here.", job_id=job.id)

    def _report(self, job: Job) -> None:
        """Bring the result back through the layer, from the job's thread."""
        if job.ended:
            if self.channel_layer is None:
                raise LayerError(f"No layer is called {self.channel_layer_alias!r}.")
            text = job.text if job.state == "done" else f"❌ {job.text or 'The job was cancelled.'}"
            self.channel_layer.send_sync(self.channel_name, {"type": "job_result", "message": text})

    async def _answer(self, status: str, message: str, **more: str) -> None:
        await self.send_json({"status": status, **more, "message": message})


def _do(task: Task, text: str, progress: Progress) -> str:
    progress.pause(task.seconds)
    return task.work(text)
