"""A room that comes on a stick: a branch like any other, which is joined with what is here.

Where the room is not here, or is an older copy of the same history whose home is away, the file's events take their own
numbers, as if its home had sent them: so the room is here as it is there, and goes on by the rules by which any room
does. Where it is here already, what is new in the file is said again behind what is here, under the same nonces and
with its original times: as when two branches meet.
"""

import itertools
from pathlib import Path

import msgspec

from lanchat.archive.carrying.checking import CarriedRoom
from lanchat.archive.carrying.target import BranchTarget
from lanchat.archive.formats import event_of
from lanchat.archive.progress import Cancelled, Progress
from lanchat.errors import DiskFull

BATCH = 64
"""Events that are held, and put into the room, at once."""


class Carried(msgspec.Struct, frozen=True):
    """What came of a file. As a string it is the sentence that a person reads.

    Attributes:
        name: of the room.
        fresh, known, refused: how many of its entries are new here, were here, and have no place in the room.
    """

    name: str
    fresh: int = 0
    known: int = 0
    refused: int = 0

    def __str__(self) -> str:
        parts = [f"{self.fresh} {'entry' if self.fresh == 1 else 'entries'} came to {self.name}"]
        if self.known:
            parts.append(f"{self.known} {'was' if self.known == 1 else 'were'} there already")
        if self.refused:
            parts.append(f"{self.refused} may not be in it, by the rules of the room")
        return f"{', '.join(parts)}."

    def plus(self, fresh: int, known: int, refused: int) -> "Carried":
        """Return the same with more."""
        return Carried(self.name, self.fresh + fresh, self.known + known, self.refused + refused)


def open_branch(path: Path, target: BranchTarget, progress: Progress) -> Carried:
    """Put a room that was written into a file into this node. The file is checked whole before anything of it is kept.

    Args:
        path: the file.
        target: where it is put.
        progress: stepped while it is checked, and then while it is put there.

    Raises:
        Cancelled: it was cancelled; what was put there by then stays, and opening it again goes on from there.
        InvalidArchive: the file is no room, or was cut or altered, and where; nothing of it was kept.
        DiskFull: there is no room for all of it; what was put there by then stays, as above.
        JobError: this node was the room's home, and has lost it.
        JournalError: it could not be kept, or not all of it.
    """
    with CarriedRoom(path, progress) as archive:
        header, room = archive.header, archive.header.room
        top = target.begin(header)
        copied = top >= 0 and (top == 0 or _goes_on(archive, target, top))
        opened, done = Carried(header.name), 0
        lines = archive.lines()
        try:
            while batch := [event_of(room, line) for line in itertools.islice(lines, BATCH)]:
                progress.step(done, archive.count)
                if copied:
                    if fresh := [event for event in batch if event.seq > top]:
                        target.copy(room, fresh)
                    opened = opened.plus(len(fresh), len(batch) - len(fresh), 0)
                else:
                    opened = opened.plus(*target.say(room, batch))
                done += len(batch)
            progress.step(done, archive.count)
        except Cancelled:
            if done < archive.count:
                raise Cancelled(str(opened)) from None
        except DiskFull:
            raise DiskFull(
                f"The disk is full: {done} of {archive.count} entries are here; free some space and open it again."
            ) from None
        return opened


def _goes_on(archive: CarriedRoom, target: BranchTarget, top: int) -> bool:
    """Return whether the file has the same history as the room here, as far as both have any."""
    seq = min(top, archive.last)
    line = next((line for line in archive.lines() if line.seq >= seq), None)
    return line is not None and line.seq == seq and target.stands(archive.header.room, seq, line.nonce)
