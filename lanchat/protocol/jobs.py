"""Rooms as files: what is asked for, and how it goes on."""

from typing import Literal

from lanchat.protocol.parts import AnswerFrame, CommandFrame

JobKind = Literal["export", "import", "move"]
"""What a long piece of work does."""
MAX_PLACE = 1_000
"""Longest URL of a Redis, in characters."""


class Export(CommandFrame, frozen=True, tag="export"):
    """Begin to write a room into a file on the node's machine. For the node's owner only."""

    room: str
    format: Literal["jsonl", "html"] = "jsonl"


class Import(CommandFrame, frozen=True, tag="import"):
    """Begin to read an exported room. The file follows as the body of `POST /jobs/{id}`. For the node's owner only.

    With `merge` it may bring new entries into a room that has its home here. With `carried` it is a branch, which is
    joined with what is here.
    """

    size: int
    merge: bool = False
    carried: bool = False


class MoveRoom(CommandFrame, frozen=True, tag="move"):
    """Begin to move a room into the Redis that the node shares, or out of it. For the node's owner only.

    `to` is where that Redis is, as a URL without name and password, or `here`.
    """

    room: str
    to: str


class Cancel(CommandFrame, frozen=True, tag="cancel"):
    """End a job that you began."""

    job: str


class Reveal(CommandFrame, frozen=True, tag="reveal"):
    """Show the folder into which rooms are written, in the file manager of the node's machine. For its owner only."""


class JobStatus(AnswerFrame, frozen=True, tag="job"):
    """How far a long piece of work is that you asked for: `done` of `total`. `text` says what came of it, or why not.

    The first one is the answer to export, import, move or cancel. `total` is 0 as long as it is not known.
    """

    id: str
    kind: JobKind
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int = 0
    total: int = 0
    text: str = ""
