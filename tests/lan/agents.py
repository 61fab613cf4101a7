"""Small nodes in the hosts of the lab, as a test sees them."""

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from tests.lan.hosts import Host, root

Rooms = Mapping[str, Mapping[str, Any]]


def room(name: str, members: int = 1, room_id: str = "") -> dict[str, Any]:
    """Make an advert."""
    return {"id": room_id or uuid.uuid4().hex, "name": name, "members": members}


class Agent:
    """A process of `tests.lan.agent` in a host, read by a thread."""

    def __init__(self, host: Host, *options: str, node: str = "") -> None:
        self.host = host
        self.node = node or uuid.uuid4().hex
        self.found: Rooms = {}
        self.closed: dict[str, Any] | None = None
        self._events: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self.process = host.popen(
            [sys.executable, "-m", "tests.lan.agent", self.node, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=root(),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._event("ready")

    def advertise(self, *rooms: dict[str, Any]) -> float:
        """Replace the rooms that the agent has; gives the time just before."""
        return self._do("advertise", rooms=list(rooms))

    def refresh(self) -> float:
        return self._do("refresh")

    def forget(self, node: str) -> float:
        return self._do("forget", node=node)

    def close(self) -> float:
        """End cleanly; gives the time just before."""
        return self._do("close")

    def kill(self) -> float:
        """End with SIGKILL; gives the time just before."""
        now = time.monotonic()
        self.process.kill()
        self.process.wait()
        return now

    def until(self, holds: Callable[[Rooms], bool], within: float) -> float:
        """Wait until the rooms that the agent has found are as wished; gives the time at which they were.

        Raises:
            AssertionError: they were not, in time.
        """
        deadline = time.monotonic() + within
        with self._news:
            while not holds(self.found):
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    raise AssertionError(f"after {within} s {self.host.name} has found {self.found}")
            return max((event["at"] for event in self._events if event["event"] == "found"), default=0.0)

    def never(self, holds: Callable[[Rooms], bool], during: float) -> None:
        """See that the rooms found are not so for a while."""
        try:
            self.until(holds, during)
        except AssertionError:
            return
        raise AssertionError(f"{self.host.name} has found {self.found}")

    def end(self) -> None:
        """Make sure that the process is gone and its pipes are closed."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _do(self, what: str, **more: Any) -> float:
        now = time.monotonic()
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        self._event("done", since=now)
        return now

    def _event(self, kind: str, since: float = 0.0, within: float = 10.0) -> None:
        deadline = time.monotonic() + within
        with self._news:
            while not any(event["event"] == kind and event["at"] >= since for event in self._events):
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    raise AssertionError(f"{self.host.name} did not say {kind}")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            with self._news:
                self._events.append(event)
                if event["event"] == "found":
                    self.found = event["rooms"]
                elif event["event"] == "closed":
                    self.closed = event
                self._news.notify_all()
