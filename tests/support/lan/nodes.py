"""Whole nodes in the hosts of the lab: `lanchat serve` as a person without a screen runs it, and a window beside it."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.conditions import LONG, wait_until
from tests.support.faults import Clock
from tests.support.lan.agents import Program
from tests.support.lan.hosts import Host, root

LANCHAT = [sys.executable, "-m", "lanchat"]
_WITH_CLOCK = (
    "import sys; from pathlib import Path; from tests.support.faults import Clock; Clock(Path(sys.argv[1])).install();"
    "from lanchat.cli import main; main(sys.argv[2:])"
)
_AT_ONCE = {f"LANCHAT_LIMITS_VOTE_AFTER{silence}": "0.001" for silence in ("", "_SILENCE")}
"""Nobody waits until they may vote."""
Frame = dict[str, Any]


class Node:
    """`lanchat serve` in a host, with a data directory of its own, and a clock that can be wrong.

    Args:
        host: where.
        data_dir: its folder.
        options: on its command line.
        at_once: whether everybody may vote at once, and not after a minute as in life.
    """

    def __init__(self, host: Host, data_dir: Path, *options: str, at_once: bool = True) -> None:
        self.host = host
        self.data_dir = data_dir
        self.clock = Clock(data_dir.with_suffix(".clock"))
        self.log = data_dir.with_suffix(".log")
        self._program = (sys.executable, "-c", _WITH_CLOCK, str(self.clock.path), "serve")
        self._options = options
        self._env = os.environ | _AT_ONCE if at_once else None
        self.process = self._start()

    @property
    def running(self) -> dict[str, Any] | None:
        """What the runtime file says; None when there is none."""
        try:
            found: dict[str, Any] = json.loads((self.data_dir / "node.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return found

    def stop(self) -> float:
        """End the node as `kill` does, and see that it ends well; gives the time just before."""
        now = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0, self.log.read_text()
        return now

    def kill(self) -> float:
        """End it with SIGKILL; gives the time just before."""
        now = time.monotonic()
        self.process.kill()
        self.process.wait()
        return now

    def again(self) -> None:
        """Start it again on the same data."""
        self.process = self._start()

    def end(self) -> None:
        """Make sure that it is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def _start(self) -> "subprocess.Popen[str]":
        with self.log.open("a") as log:
            process = self.host.popen(
                [*self._program, "--json", "--data-dir", str(self.data_dir), *self._options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=root(),
                env=self._env,
            )

        def ready() -> bool:
            assert process.poll() is None, self.log.read_text()
            return self.running is not None and self.running["pid"] == process.pid

        wait_until(ready, what=f"{self.host.name} serves")
        return process


class Window(Program):
    """A window of a node, as a test sees it."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.host, "tests.support.lan.window", str(node.data_dir))

    @property
    def frames(self) -> list[Frame]:
        """Everything that the node has sent, in order."""
        return [event["frame"] for event in list(self._events) if event["event"] == "frame"]

    def rooms(self) -> dict[str, Frame]:
        """The list of rooms as shown now, by name."""
        return {room["name"]: room for room in self.rooms_shown()}

    def rooms_shown(self) -> list[Frame]:
        """The list of rooms as shown now."""
        for frame in reversed(self.frames):
            if frame["type"] == "rooms":
                shown: list[Frame] = frame["rooms"]
                return shown
        return []

    def open(self, name: str) -> Frame:
        """Open a room by name, enter it, and give what it is."""
        since = self.do("send", frame={"type": "open", "name": name})
        room: Frame = self.answer("opened", since)["room"]
        self.join(room["id"])
        return room

    def join(self, room: str) -> None:
        """Enter a room with all that was said in it."""
        since = self.do("send", frame={"type": "join", "room": room, "limit": 500})
        self.answer("joined", since)

    def say(self, room: str, text: str) -> str:
        """Post a text; gives its nonce."""
        nonce = uuid.uuid4().hex
        self.do("send", frame={"type": "post", "room": room, "nonce": nonce, "text": text})
        return nonce

    def texts(self, room: str) -> list[str]:
        """What was said, in the order in which it came: exactly as a window that forgets nothing would show it."""
        return [event["body"]["text"] for event in self.events(room)]

    def events(self, room: str) -> list[Frame]:
        """Every event of the room that has come, in the order in which it came, and as often."""
        found = []
        for frame in self.frames:
            if frame["type"] == "joined" and frame["room"] == room:
                found.extend(frame["events"])
            elif frame["type"] == "event" and frame["room"] == room:
                found.append(frame)
        return found

    def until(self, holds: Callable[[], object], within: float = LONG, what: str = "") -> None:
        """Wait for what `holds` says of this window."""
        self._wait(lambda: True if holds() else None, within, what or f"the window of {self.host.name} is as wished")

    def until_gone(self, name: str, since: float, within: float) -> float:
        """Wait until a list without the room of this name came after `since`; gives how many seconds after."""

        def look() -> float | None:
            for event in self._events:
                frame = event.get("frame", {})
                shown = frame.get("rooms") if event["at"] >= since and frame.get("type") == "rooms" else None
                if shown is not None and all(room["name"] != name for room in shown):
                    seconds: float = event["at"] - since
                    return seconds
            return None

        return self._wait(look, within, f"the window of {self.host.name} shows no {name}")

    def answer(self, kind: str, since: float) -> Frame:
        """Wait for the answer to a command."""

        def look() -> Frame | None:
            for event in self._events:
                if event["event"] == "frame" and event["at"] >= since and event["frame"]["type"] in {kind, "error"}:
                    assert event["frame"]["type"] == kind, event["frame"]
                    found: Frame = event["frame"]
                    return found
            return None

        return self._wait(look, LONG, f"{self.host.name} answers {kind}")
