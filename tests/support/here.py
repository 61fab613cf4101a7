"""A node, and commands of the same user."""

from pathlib import Path
from typing import Any

from tests.support.terminal import ALONE, Done, Running, lanchat_inside, port_of

ENDING = 20.0
"""Seconds in which a command ends when it is asked to, on a busy machine too; waiting for clients takes 60."""


class Here:
    """A node, and commands of the same user.

    Attributes:
        ready: what its first line said.
    """

    def __init__(self, data_dir: Path, node: Running, ready: Any) -> None:
        self.data_dir, self.node, self.ready = data_dir, node, ready

    @property
    def host(self) -> str:
        """Its address, as a person types it."""
        return f"127.0.0.1:{port_of(self.ready['lan'])}"

    def do(self, command: str, *arguments: str, said: str | bytes = b"") -> Done:
        """Run a command that uses this node."""
        return lanchat_inside(command, *ALONE, "--data-dir", self.data_dir, *arguments, said=said)

    def announce(self, *arguments: str, said: str = "") -> Done:
        """Tell something to everybody on this node."""
        return lanchat_inside("announce", "--data-dir", self.data_dir, *arguments, said=said)

    def read(self, room: str) -> list[str]:
        """Return the texts in a room."""
        done = self.do("tail", room, "--since", "0", "--no-follow", "--json")
        return [event["body"]["text"] for event in done.objects]
