"""Servers under measurement: each is a process of its own, which is looked at from outside.

Such a program prints one line of JSON when it is ready, and ends when its input ends.
"""

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

import psutil

from tests.bench.rows import BenchFailed
from tests.support.conditions import wait_until

ROOT = Path(__file__).parents[2]
_PATIENCE = 15.0
_REST = 1.0
_CLOCK_OF_PROCESS = 2


class Measured(Protocol):
    """What is looked at from outside: a server, or several that are one to those who come."""

    @property
    def ports(self) -> Sequence[int]:
        """Where it listens on 127.0.0.1."""

    def cpu(self) -> float:
        """Seconds of CPU that it has used."""

    def memory(self) -> int:
        """Bytes of memory that are resident and its own."""

    def memory_at_rest(self) -> int:
        """Bytes of memory once they have stayed the same for a second."""


class Program:
    """One running server, as the bench sees it.

    Attributes:
        ready: what its first line said.
    """

    def __init__(self, process: "subprocess.Popen[str]", complaints: IO[str]) -> None:
        self._process = process
        self._complaints = complaints
        self.ready = self._next_line()
        self._clock = ~process.pid << 3 | _CLOCK_OF_PROCESS  # as clock_getcpuclockid(3) gives it on Linux

    @property
    def ports(self) -> Sequence[int]:
        """Where it listens on 127.0.0.1."""
        return [self.ready["port"]]

    def cpu(self) -> float:
        """Seconds of CPU that the process has used, in all its threads, in user mode and in the kernel."""
        self._must_run()
        return time.clock_gettime(self._clock)

    def memory(self) -> int:
        """Bytes of memory that are resident and the process's own."""
        self._must_run()
        return int(psutil.Process(self._process.pid).memory_full_info().uss)

    def forget_peak(self) -> None:
        """Count `peak` from now on."""
        self._must_run()
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")  # proc_pid_clear_refs(5)

    def peak(self) -> int:
        """Most bytes of memory that were resident since `forget_peak`."""
        self._must_run()
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])

    def memory_at_rest(self) -> int:
        """Bytes of memory once they have stayed the same for a second.

        Much of a program may be loaded after it says that it is ready, and somebody else may be taken for it.
        """
        last, since = self.memory(), time.monotonic()

        def rests() -> bool:
            nonlocal last, since
            now = self.memory()
            if now != last:
                last, since = now, time.monotonic()
            return time.monotonic() - since > _REST

        wait_until(rests, _PATIENCE, f"{self._name} is at rest")
        return last

    def do(self, **order: Any) -> dict[str, Any]:
        """Give a program that takes orders one of them, and return the line with which it answers."""
        assert self._process.stdin is not None
        self._must_run()
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._next_line()

    def _next_line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(_PATIENCE):
                raise BenchFailed(f"{self._name} said nothing for {_PATIENCE:.0f} s. {self._last_words}")
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(_PATIENCE)
            self._must_run()
        ready: dict[str, Any] = json.loads(line)
        return ready

    def _must_run(self) -> None:
        if self._process.poll() is not None:
            raise BenchFailed(f"{self._name} ended with code {self._process.returncode}. {self._last_words}")

    @property
    def _last_words(self) -> str:
        self._complaints.seek(0)
        return "".join(self._complaints.read().splitlines()[-1:])

    @property
    def _name(self) -> str:
        assert isinstance(self._process.args, list)
        return " ".join(map(str, self._process.args[1:]))


def running(module: str, *options: str) -> contextlib.AbstractContextManager[Program]:
    """Run `python -m module` until the end of the block."""
    return started([sys.executable, "-m", module, *options])


@contextlib.contextmanager
def started(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Iterator[Program]:
    """Run such a program until the end of the block."""
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | dict(environ or {}),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        try:
            yield Program(process, complaints)
        finally:
            _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
