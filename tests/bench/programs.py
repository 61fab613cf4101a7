"""Servers under measurement: each is a process of its own, which tells how much CPU time it has used.

Such a program prints one line of JSON when it is ready, answers the lines `cpu` and `memory` on its input, and ends
when its input ends.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.bench.rows import BenchFailed

ROOT = Path(__file__).parents[2]
_PATIENCE = 15.0


class Program:
    """One running server, as the bench sees it.

    Attributes:
        ready: what its first line said.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.ready = self._answer()

    def cpu(self) -> float:
        """Seconds of CPU that the process has used, in all its threads, in user mode and in the kernel."""
        return self._ask("cpu")

    def memory(self) -> int:
        """Bytes of memory that are resident and the process's own."""
        return int(self._ask("memory"))

    def _ask(self, what: str) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return float(self._answer()[what])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchFailed(f"{self._process.args!r} ended with code {self._process.wait(_PATIENCE)}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def running(module: str, *options: str) -> Iterator[Program]:
    """Run `python -m module` until the end of the block."""
    command = [sys.executable, "-m", module, *options]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Program(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


async def stay(**ready: Any) -> None:
    """In such a program: say that it is ready, answer questions, and return when the input ends."""
    process = psutil.Process()
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    _say(ready)
    while what := await lines.readline():
        _say({"cpu": time.process_time()} if what == b"cpu\n" else {"memory": process.memory_full_info().uss})


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)
