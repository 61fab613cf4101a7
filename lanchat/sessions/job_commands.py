"""What the owner's windows and scripts ask for that takes long: exports and imports of rooms."""

from collections.abc import Callable
from typing import Literal

from lanchat.archive import Exchange, Job
from lanchat.errors import NotOwner
from lanchat.layers import BaseChannelLayer, Message
from lanchat.protocol import Cancel, Export, Import, JobStatus, encode

JobCommand = Export | Import | Cancel
"""The commands that begin or end long work."""


class JobCommands:
    """The jobs of one client. What becomes of them reaches it over a channel of its own on the layer.

    Args:
        exchange: exports and imports; None at a door where nobody may ask for that.
        layer: brings the news of jobs out of their threads.
        tell: sends an encoded notice to the client.
    """

    def __init__(self, exchange: Exchange | None, layer: BaseChannelLayer, tell: Callable[[bytes], None]) -> None:
        self._exchange = exchange
        self._layer = layer
        self._tell = tell
        self._channel = ""

    async def run(self, errand: JobCommand) -> None:
        """Begin or end a job, and tell how it stands.

        Raises:
            NotOwner: this door is not the owner's.
            JobError: there is no such job, there are too many, or no file has that size.
            NoSuchRoom: the room to export is not here.
        """
        if self._exchange is None:
            raise NotOwner
        if not self._channel:
            self._channel = await self._layer.new_channel()
            self._layer.attach(self._channel, self._hear)
        match errand:
            case Export(room=room, format=form):
                job = self._exchange.export(room, form, self._channel, self._report)
            case Import(size=size):
                job = self._exchange.expect(size, self._channel, self._report)
            case Cancel(job=known):
                job = self._exchange.jobs.cancel(known, self._channel)
        self._tell(encode(_notice(job)))

    def end(self) -> None:
        """The client has left: what runs goes on without telling, an upload ends."""
        if self._exchange is not None and self._channel:
            self._exchange.jobs.leave(self._channel)
            self._layer.detach(self._channel)

    def _report(self, job: Job) -> None:
        self._layer.send_sync(self._channel, {"type": "job.told", "frame": encode(_notice(job))})

    def _hear(self, message: Message) -> None:
        self._tell(message["frame"])


def _notice(job: Job) -> JobStatus:
    kind: Literal["export", "import"] = "import" if job.kind == "import" else "export"
    return JobStatus(id=job.id, kind=kind, state=job.state, done=job.done, total=job.total, text=job.text)
