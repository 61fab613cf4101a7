"""What the owner's windows and scripts ask for that takes long: exports and imports of rooms."""

from collections.abc import Callable
from typing import Literal

from lanchat.archive import Job, RoomTransfers
from lanchat.errors import NotOwner
from lanchat.layers import BaseChannelLayer, Message
from lanchat.protocol import Cancel, Export, Import, JobStatus, encode

JobCommand = Export | Import | Cancel
"""The commands that begin or end long work."""


class JobCommands:
    """The jobs of one client. What becomes of them reaches it over a channel of its own on the layer.

    Args:
        transfers: exports and imports; None at a door where nobody may ask for that.
        layer: brings the reports of jobs out of their threads.
        send: sends an encoded reply to the client.
    """

    def __init__(self, transfers: RoomTransfers | None, layer: BaseChannelLayer, send: Callable[[bytes], None]) -> None:
        self._transfers = transfers
        self._layer = layer
        self._send = send
        self._channel = ""

    async def run(self, command: JobCommand) -> None:
        """Begin or end a job, and send how it stands.

        Raises:
            NotOwner: this door is not the owner's.
            JobError: there is no such job, there are too many, or no file has that size.
            NoSuchRoom: the room to export is not here.
        """
        if self._transfers is None:
            raise NotOwner
        if not self._channel:
            self._channel = await self._layer.new_channel()
            self._layer.attach(self._channel, self._on_message)
        match command:
            case Export(room=room, format=form):
                job = self._transfers.export(room, form, self._channel, self._report)
            case Import(size=size):
                job = self._transfers.expect(size, self._channel, self._report)
            case Cancel(job=known):
                job = self._transfers.jobs.cancel(known, self._channel)
        self._send(encode(_status(job)))

    def end(self) -> None:
        """The client has left: what runs goes on without reporting, an upload ends."""
        if self._transfers is not None and self._channel:
            self._transfers.jobs.leave(self._channel)
            self._layer.detach(self._channel)

    def _report(self, job: Job) -> None:
        self._layer.send_sync(self._channel, {"type": "job.report", "frame": encode(_status(job))})

    def _on_message(self, message: Message) -> None:
        self._send(message["frame"])


def _status(job: Job) -> JobStatus:
    kind: Literal["export", "import"] = "import" if job.kind == "import" else "export"
    return JobStatus(id=job.id, kind=kind, state=job.state, done=job.done, total=job.total, text=job.text)
