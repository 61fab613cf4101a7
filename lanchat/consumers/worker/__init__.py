"""Consumers without connections: a worker takes messages out of channels, `python -m lanchat.consumers.worker`."""

from lanchat.consumers.worker.worker import ChannelWorker

__all__ = ["ChannelWorker"]
