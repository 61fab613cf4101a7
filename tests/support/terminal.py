"""`lanchat …` as a person or a script runs it: a process of its own, with its output, its errors and its exit code."""

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

import msgspec

from lanchat.cli import main
from tests.support.conditions import wait_until

ALONE = ("--bind", "127.0.0.1")
"""Options with which a command finds nobody but this machine."""
ANY_PORTS = (*ALONE, "--port", "0", "--window-port", "0")
"""Options of a node that is in nobody's way."""
PATIENCE = 60.0
"""Seconds for whatever has no limit of its own; the machine may be busy."""

_PROGRAM = (sys.executable, "-m", "lanchat")


class Done(msgspec.Struct, frozen=True):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines that it printed."""
        return self.out.splitlines()

    @property
    def objects(self) -> list[Any]:
        """The lines that it printed, as JSON."""
        return [json.loads(line) for line in self.lines]

    def refused(self, code: int, *words: str) -> None:
        """Check that it ended with this exit code and one sentence, which has these words in it."""
        assert (self.code, self.out) == (code, ""), self
        assert self.err.startswith("lanchat: "), self
        assert self.err.endswith(".\n"), self
        assert self.err.count("\n") == 1, self
        for word in words:
            assert word in self.err, self


class Running:
    """A command that runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._out = _stream(process.stdout)
        self._err = _stream(process.stderr)

    def line(self) -> str:
        """Return the next line that it prints."""
        line = self._out.readline()
        assert line, f"it ended with {self.process.wait(PATIENCE)} and {self._err.read()!r}"
        return line.rstrip("\n")

    def object(self) -> Any:
        """Return the next line that it prints, as JSON."""
        return json.loads(self.line())

    def end(self, number: int = signal.SIGTERM) -> float:
        """Send a signal and give the seconds until it ended."""
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - begun

    def rest(self) -> Done:
        """Wait for its end, and give what it printed that nobody has read."""
        out, err = self.process.communicate(timeout=PATIENCE)
        assert "Traceback" not in out + err, err
        return Done(self.process.returncode, out, err)

    def errors(self) -> str:
        """Return the rest of what it complained about."""
        return self._err.read()

    def close_output(self) -> None:
        """Read no more, as `head` does when it has enough."""
        self._out.close()


def lanchat(
    *arguments: str | Path,
    said: str | bytes | None = None,
    environ: Mapping[str, str] | None = None,
    program: Sequence[str] = _PROGRAM,
) -> Done:
    """Run a command to its end. Nothing may ever print a traceback."""
    done = subprocess.run(
        [*program, *map(str, arguments)],
        input=said.encode() if isinstance(said, str) else said,
        stdin=subprocess.DEVNULL if said is None else None,
        capture_output=True,
        env=os.environ | dict(environ or {}),
        timeout=PATIENCE,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err, err
    return Done(done.returncode, out, err)


def lanchat_inside(*arguments: str | Path, said: str | bytes = b"") -> Done:
    """The same within this process, which is sooner."""
    code: str | int | None = 0
    streams = [io.TextIOWrapper(io.BytesIO(said.encode() if isinstance(said, str) else said), "utf-8")]
    streams += [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    with patch.multiple(sys, stdin=streams[0], stdout=streams[1], stderr=streams[2]):
        try:
            main([*map(str, arguments)])
        except SystemExit as end:
            code = end.code
    out, err = (stream.buffer.getvalue().decode() for stream in streams[1:])
    return Done(int(code or 0), out, err)


@contextlib.contextmanager
def begun(
    *arguments: str | Path, environ: Mapping[str, str] | None = None, stdin: int = subprocess.DEVNULL
) -> Iterator[Running]:
    """Run a command until the end of the block."""
    process = subprocess.Popen(
        [*_PROGRAM, *map(str, arguments)],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | dict(environ or {}),
    )
    with process:
        try:
            yield Running(process)
        finally:
            if process.poll() is None:
                process.kill()


@contextlib.contextmanager
def served(data_dir: Path, *options: str, environ: Mapping[str, str] | None = None) -> Iterator[tuple[Running, Any]]:
    """Run `lanchat serve --json` until the end of the block; gives it and what its first line said."""
    options = options or ANY_PORTS
    with begun("serve", "--json", "--data-dir", data_dir, *options, environ=environ) as node:
        yield node, node.object()


async def lanchat_meanwhile(*arguments: str | Path) -> Done:
    """Run a command to its end, while this process goes on."""
    return await asyncio.to_thread(lanchat, *arguments)


def port_of(url: str) -> int:
    """Return the port in an address such as a node prints."""
    return int(url.rpartition(":")[2].rstrip("/"))


def ended(pid: int) -> bool:
    """Say whether a process that is not a child of ours has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_for_end(pid: int) -> None:
    """Wait until a process that is not a child of ours has ended."""
    wait_until(lambda: ended(pid), PATIENCE, f"process {pid} has ended")


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
