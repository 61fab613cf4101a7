"""A node as a process of its own, which can be killed, frozen and started again on its data."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from lanchat import protocol, runtime
from lanchat.identity import Keyring
from lanchat.journal import Journal, RoomRecord
from lanchat.protocol import Event, NodeInfo
from tests.support import checker
from tests.support.conditions import eventually
from tests.support.places import ROOT

READY = 30.0
"""Seconds that a start may take on a machine that is busy with other things."""
T = TypeVar("T")
SILENCE = 3.0
"""Seconds of silence after which the nodes and clients of these tests give a connection up."""

_PATIENT = {
    f"LANCHAT_LIMITS_{what}_{how}": "1000000"
    for what in ("POST", "ROOM_POST", "BRING", "ROOM_BRING", "JOIN", "ROOM_JOIN")
    for how in ("RATE", "BURST")
}
"""What is tried is that nothing is lost, and not how much one may say."""
_AT_ONCE = {f"LANCHAT_LIMITS_VOTE_AFTER{silence}": "0.001" for silence in ("", "_SILENCE")}
"""Nobody waits until they may vote."""


class Node:
    """One node with one room of its own or a mirror of one; `starting` begins and ends it.

    Args:
        data_dir: its data directory.
        name: what it is called.
        silence: seconds after which it gives a connection up; None for the product's own.
        clock: file of the Clock that it goes by; None for the machine's.
        redis: URL of the Redis through which it shares its rooms; empty when it does not.
        limited: whether what others may say at it has the product's own limits.

    Attributes:
        data_dir: its data directory.
        info: who it is.
        silence: seconds after which it gives a connection up.
        starts: seconds from each start until it was ready.
        dies_at: where it is killed the next time that it runs, as tests/recovery/program.py takes it; empty: nowhere.
        may_halt_at: where it can be held up the next time that it runs, as dies_at.
        person: id of the person whose node it is.
    """

    def __init__(
        self,
        data_dir: Path,
        name: str,
        *,
        silence: float | None = SILENCE,
        clock: Path | None = None,
        redis: str = "",
        limited: bool = False,
    ) -> None:
        self.data_dir = data_dir
        keys = Keyring.load(data_dir)
        self.info = NodeInfo(id=keys.node.id, name=name)
        self.person = keys.person.id
        self.dies_at = ""
        self.may_halt_at: Sequence[str] = ()
        self.silence = silence or protocol.SILENCE
        self.starts: list[float] = []
        self._options = [
            *(["--silence", str(silence)] if silence else []),
            *(["--clock", str(clock)] if clock else []),
        ]
        self._limits = _AT_ONCE if limited else _PATIENT | _AT_ONCE
        self._redis = ["--redis", redis] if redis else []
        self._port = _free_port()
        self._log = data_dir.with_suffix(".log")
        self._began = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process now."""
        return self._running.pid

    @property
    def database(self) -> Path:
        """Its database file."""
        return self.data_dir / "lanchat.db"

    @property
    def log(self) -> str:
        """What it has printed so far, over all its lives."""
        return self._log.read_text("utf-8", "replace")

    @property
    def port(self) -> int:
        """Port of its room app, the same after each start."""
        return self._port

    @property
    def url(self) -> str:
        """URL of its room app."""
        return f"http://127.0.0.1:{self._port}/"

    async def settle(self, room: RoomRecord) -> None:
        """Put its identity and the room into its database, before the first start."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        async with Journal(self.database, _ignore) as journal:
            await journal.put_setting("node", self.info.id)
            await journal.put_room(room)

    def again(self) -> None:
        """Start it."""
        self._began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.recovery.program", *self._options, *self._fate, "--", "--json"),
                    *("--bind", "127.0.0.1", "--port", str(self._port), "--window-port", "0"),
                    *("--data-dir", str(self.data_dir), "--name", self.info.name, "--nick", self.info.name),
                    *self._redis,
                ],
                cwd=ROOT,
                env=os.environ | self._limits | {"PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def ready(self) -> float:
        """Wait until it serves; gives how many seconds after its start."""

        def serves() -> bool:
            if self._running.poll() is not None:
                raise RuntimeError(f"{self.info.name} ended: {self.log}")
            there = runtime.read(self.data_dir)
            return there is not None and there.pid == self.pid

        await eventually(serves, READY, f"{self.info.name} serves")
        self.starts.append(time.monotonic() - self._began)
        return self.starts[-1]

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._running.kill()
        self._running.wait()

    def stop(self) -> None:
        """End it as a person does, and see that it ends well."""
        self._running.send_signal(signal.SIGTERM)
        assert self._running.wait(READY) == 0, self.log

    def ends(self) -> int:
        """Wait until it ends by itself, and give its exit code."""
        return self._running.wait(READY)

    def end(self) -> None:
        """Make sure that it is gone."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    @contextlib.asynccontextmanager
    async def held_up(self, place: str, work: Coroutine[Any, Any, T]) -> "AsyncIterator[asyncio.Task[T]]":
        """Begin something, and hold up the node where it comes to a place by that, during the block."""
        halted = self._halts.with_name("halted")
        self._halts.write_text(place)
        begun = asyncio.create_task(work)
        await eventually(halted.exists, READY, f"{self.info.name} has come to {place}")
        yield begun
        halted.unlink()

    def journal(self) -> checker.Journal:
        """Read what its database holds."""
        return checker.Journal.read(self.info.name, self.database)

    @property
    def _halts(self) -> Path:
        return self.data_dir / "halts"

    @property
    def _fate(self) -> list[str]:
        death = ["--die-at", self.dies_at] if self.dies_at else []
        return [*death, "--halts", str(self._halts), *(f"--may-halt-at={place}" for place in self.may_halt_at)]

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process


@contextlib.contextmanager
def starting(node: Node) -> Iterator[Node]:
    """Start a node that is settled; it is gone after the block, whatever happened to it."""
    node.again()
    try:
        yield node
    finally:
        node.end()


def _free_port() -> int:
    """Return a port that nobody gets by chance while the node is away, as those are that the system gives out."""
    while True:
        port = random.randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
            return port


async def _ignore(_room: str, _events: list[Event]) -> None:
    """In place of publishing."""
