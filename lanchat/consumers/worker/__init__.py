"""Consumers without connections: a worker takes messages out of channels, `python -m lanchat.consumers.worker`."""

from lanchat.consumers.worker.worker import Worker, WorkerStuck

__all__ = ["Worker", "WorkerStuck"]
