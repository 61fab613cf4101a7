"""Consumers without connections: a worker takes messages out of channels, `python -m lanchat.consumers.worker`."""

from lanchat.consumers.worker.worker import ChannelWorker, WorkerStuck

__all__ = ["ChannelWorker", "WorkerStuck"]
