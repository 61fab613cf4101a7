"""Small nodes in the hosts of the lab, as a test sees them."""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tests.support.certificates import certificate_of, certified
from tests.support.conditions import LONG
from tests.support.lan.hosts import Host, root

T = TypeVar("T")
Rooms = Mapping[str, Mapping[str, Any]]


def room(name: str, members: int = 1, room_id: str = "") -> dict[str, Any]:
    """Make an advert."""
    return {"id": room_id or uuid.uuid4().hex, "name": name, "members": members}


class Program:
    """A program of the tests in a host: takes lines of JSON, gives lines of JSON, which a thread reads.

    Args:
        host: where it runs.
        module: of Python; or the program with its first arguments.
        options: of the program.
        more: what is in its environment beside ours.
    """

    def __init__(
        self, host: Host, module: str | Sequence[str], *options: str, more: Mapping[str, str] | None = None
    ) -> None:
        self.host = host
        program = [sys.executable, "-m", module] if isinstance(module, str) else list(module)
        self.process = host.popen(
            [*program, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=root(),
            env=os.environ | dict(more or {}),
        )
        self._events: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.event("ready", within=LONG)

    def do(self, what: str, **more: Any) -> float:
        """Return a command and wait until it is done; gives the time just before."""
        now = time.monotonic()
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        self.event("done", since=now)
        return now

    def event(self, kind: str, since: float = 0.0, within: float = 10.0) -> dict[str, Any]:
        """Wait for the last event of a kind that came after a time."""

        def last() -> dict[str, Any] | None:
            return next((one for one in reversed(self._events) if one["event"] == kind and one["at"] >= since), None)

        return self._wait(last, within, f"{self.host.name} says {kind}")

    def kill(self) -> float:
        """End with SIGKILL; gives the time just before."""
        now = time.monotonic()
        self.process.kill()
        self.process.wait()
        return now

    def end(self) -> None:
        """Make sure that the process is gone and its pipes are closed."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _wait(self, look: Callable[[], T | None], within: float, what: str) -> T:
        deadline = time.monotonic() + within
        with self._news:
            while (seen := look()) is None:
                if time.monotonic() > deadline:
                    raise AssertionError(f"not within {within} s: {what}; last: {self._events[-1:]}")
                # Not longer: the condition may be about another program as well.
                self._news.wait(0.05)
            return seen

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self._events.append(json.loads(line))
                self._news.notify_all()


class Agent(Program):
    """A process of `tests.support.lan.agent`: a node with nothing but its discovery.

    Args:
        host: where it runs.
        options: of the program.
        node: id of the node, made by `certified`; a new one when empty.
    """

    def __init__(self, host: Host, *options: str, node: str = "") -> None:
        self.node = node or certified("agent").id
        super().__init__(host, "tests.support.lan.agent", certificate_of(self.node).pem.decode(), *options)

    @property
    def found(self) -> Rooms:
        """The rooms that the agent lists now."""
        for event in reversed(self._events):
            if event["event"] == "found":
                rooms: Rooms = event["rooms"]
                return rooms
        return {}

    def advertise(self, *rooms: dict[str, Any]) -> float:
        """Replace the rooms that the agent has; gives the time just before."""
        return self.do("advertise", rooms=list(rooms))

    def refresh(self) -> float:
        return self.do("refresh")

    def forget(self, node: str) -> float:
        return self.do("forget", node=node)

    def close(self) -> float:
        """End cleanly; gives the time just before."""
        return self.do("close")

    def until(self, holds: Callable[[Rooms], bool], within: float = LONG) -> float:
        """Wait until the rooms that the agent has found are as wished; gives the time at which they were."""

        def look() -> float | None:
            if not holds(self.found):
                return None
            return max((event["at"] for event in self._events if event["event"] == "found"), default=0.0)

        return self._wait(look, within, f"{self.host.name} finds it, not {self.found}")

    def never(self, holds: Callable[[Rooms], bool], during: float) -> None:
        """See that the rooms found are not so for a while."""
        try:
            self.until(holds, during)
        except AssertionError:
            return
        raise AssertionError(f"{self.host.name} has found {self.found}")


class Stranger(Program):
    """A process of `tests.support.lan.stranger`: says anything by mDNS, answers anything at `/api/node`."""

    def __init__(self, host: Host) -> None:
        super().__init__(host, "tests.support.lan.stranger")

    def say(self, *records: dict[str, Any]) -> None:
        """Announce instances as given: label, server, port, addresses, txt (text as Latin-1)."""
        self.do("say", records=list(records))

    def serve(self, address: str, port: int, answer: Any, *, under: str) -> None:
        """Answer with `answer` at an address, under the certificate of the node `under`, made by `certified`."""
        pem = certificate_of(under).pem.decode()
        self.do("serve", address=address, port=port, answer=answer, pem=pem)

    def raw(self, *packets: bytes) -> None:
        """Send packets as they are."""
        self.do("raw", packets=[packet.hex() for packet in packets])

    def asked(self) -> int:
        """How many questions came to `/api/node`."""
        count: int = self.event("asked", since=self.do("count"))["count"]
        return count
