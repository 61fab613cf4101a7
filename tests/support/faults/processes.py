"""What may happen to a process."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import psutil

from tests.support.conditions import wait_until


class Mortal(Protocol):
    """A program of the tests that can be killed and started again."""

    def kill(self) -> object:
        """End it with SIGKILL, and wait until it is gone."""

    def again(self) -> object:
        """Start it again on the same data."""


@contextmanager
def killed(program: Mortal) -> Iterator[None]:
    """The process dies without a word, as by `kill -9`. After the block it is started again."""
    program.kill()
    try:
        yield
    finally:
        program.again()


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process is frozen: its sockets stay open and nobody answers, as with a laptop that sleeps."""
    process = psutil.Process(pid)
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED, what="the process has stopped")
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def stunted(pid: int, size: int) -> Iterator[None]:
    """Whatever the process writes into a file behind so many bytes fails, as on a bad sector: SQLite's I/O error.

    Linux only. Files that end before that still grow to that size.
    """
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
