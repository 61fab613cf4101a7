"""What one client is told of the jobs that it asked for, on a channel of its own: they run in other threads."""

from collections.abc import Callable
from typing import cast

from lanchat.archive import Job, Jobs
from lanchat.layers import BaseChannelLayer, Message
from lanchat.protocol import JobKind, JobStatus, encode


class JobFeed:
    """The jobs of one client.

    Args:
        layer: brings what is told out of the jobs' threads.
        send: sends an encoded frame to the client.

    Attributes:
        channel: under what name the client owns its jobs; empty until it asks for one.
    """

    __slots__ = ("_layer", "_send", "channel")

    def __init__(self, layer: BaseChannelLayer, send: Callable[[bytes], None]) -> None:
        self.channel = ""
        self._layer = layer
        self._send = send

    async def open(self) -> str:
        """Return the channel; from now on the client is told what comes there."""
        if not self.channel:
            self.channel = await self._layer.new_channel()
            self._layer.attach(self.channel, self._on_message)
        return self.channel

    def report(self, job: Job) -> None:
        """Tell the client how a job stands. May be called in any thread."""
        self._layer.send_sync(self.channel, {"type": "job.report", "frame": encode(status_of(job))})

    def end(self, jobs: Jobs) -> None:
        """Tell nothing more, because the client has left: what runs goes on, what waits for an upload ends."""
        if self.channel:
            jobs.leave(self.channel)
            self._layer.detach(self.channel)

    def _on_message(self, message: Message) -> None:
        self._send(message["frame"])


def status_of(job: Job) -> JobStatus:
    """Return how a job stands, as a frame."""
    return JobStatus(
        id=job.id, kind=cast("JobKind", job.kind), state=job.state, done=job.done, total=job.total, text=job.text
    )
