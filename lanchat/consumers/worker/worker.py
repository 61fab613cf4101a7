"""Takes messages out of channels, as many at once as it is told, and ends in good order."""

import asyncio
import logging
from collections.abc import Iterable

from lanchat.consumers.access import Inner, as_app
from lanchat.consumers.errors import WorkerStuck
from lanchat.consumers.worker.slot import Slot
from lanchat.layers import BaseChannelLayer

_log = logging.getLogger(__name__)


class ChannelWorker:
    """Listens to channels of a layer and hands what comes to an app, mostly a ChannelNameRouter.

    Delivery is at most once: what is being handled when the process dies is lost.

    Args:
        app: takes the messages: `{"type": "channel", "channel": …}` is its scope.
        layer: where they come from. A queue hands each message to one of all workers.
        channels: the names of the channels.
        concurrency: messages of each channel that are handled at once; with one, in their order.
        patience: seconds that a message may take; then its handler is cancelled, and the log says so.
        most_stuck: handlers that may be left behind because they block a thread and cannot be cancelled.

    Raises:
        TypeError: a name is no channel's, or the app is none.
        ValueError: there is no channel to listen to.
    """

    def __init__(
        self,
        app: Inner,
        layer: BaseChannelLayer,
        channels: Iterable[str],
        *,
        concurrency: int = 1,
        patience: float = 60.0,
        most_stuck: int = 8,
    ) -> None:
        names = [layer.require_valid_channel_name(name) for name in dict.fromkeys(channels)]
        if not names or concurrency < 1:
            raise ValueError("A worker needs a channel to listen to, and handles at least one message at once.")
        asgi = as_app(app)
        self.slots = [Slot(asgi, layer, name, patience=patience) for name in names for _ in range(concurrency)]
        self._most_stuck = most_stuck
        self._patience = patience
        self._stopped = asyncio.Event()

    @property
    def handled(self) -> int:
        """Messages that were handled so far."""
        return sum(slot.handled for slot in self.slots)

    @property
    def stuck(self) -> int:
        """Handlers that were left behind, each with a thread that it blocks."""
        return sum(slot.stuck for slot in self.slots)

    async def run(self, *, grace: float = 10.0) -> None:
        """Work until `stop`.

        Args:
            grace: seconds that messages at hand have then; what is not handled by then is cancelled.

        Raises:
            WorkerStuck: too many handlers were left behind.
        """
        running = [asyncio.ensure_future(slot.run()) for slot in self.slots]
        stopped = asyncio.ensure_future(self._stopped.wait())
        try:
            while not self._stopped.is_set() and self.stuck <= self._most_stuck:
                await asyncio.wait({stopped}, timeout=min(1.0, self._patience))
            for slot in self.slots:
                slot.stop()
            await asyncio.wait(running, timeout=grace)
        finally:
            stopped.cancel()
            for task in running:
                task.cancel()
            await asyncio.wait(running)
        if self.stuck > self._most_stuck:
            raise WorkerStuck(f"{self.stuck} handlers block their threads for ever; start the worker anew.")

    def stop(self) -> None:
        """End, when what is at hand is handled."""
        self._stopped.set()
