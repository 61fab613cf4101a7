"""Whether a file is a room as somebody wrote it: what its people said, and nothing that was changed on its way."""

from functools import partial
from pathlib import Path
from typing import Self

import msgspec

from lanchat.archive.formats import Archive, EventLine, Header, event_of
from lanchat.archive.progress import Progress
from lanchat.errors import InvalidArchive, InvalidSignature, LanchatError
from lanchat.identity import check, names
from lanchat.protocol import NodeInfo, room_id

STEP = 64
"""Lines between two looks whether it goes on."""
CARRIED = 4
"""The first version of the form of an exported room that says by whom and in which term."""
MOST_TERMS = 1_000_000
"""Highest term that a file may name: a copy of a later term follows no home of an earlier one."""


class CarriedRoom(Archive):
    """A file with a room that can be joined: each line is what its author said, and the whole is signed.

    Use it with `with`. Attributes are those of `Archive`; the name of the home in the header is one that can be shown.

    Args:
        path: the file.
        progress: stepped while it is checked.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__(path, partial(_check_line, progress))

    def __enter__(self) -> Self:
        """Open and check it. Raises InvalidArchive, which says what was altered; Cancelled."""
        super().__enter__()
        try:
            self.header = _checked(self)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self


def check_branch(path: Path) -> None:
    """Return if a file is a room that can be joined. Raises InvalidArchive, which says what was altered."""
    with CarriedRoom(path, Progress()):
        pass


def _check_line(progress: Progress, number: int, header: Header, line: EventLine) -> None:
    """Return if a line says what its author said. Raises InvalidArchive, Cancelled."""
    if number % STEP == 0:
        progress.step(number, 2 * header.count)
    _check_version(header)
    if header.term > MOST_TERMS:
        raise InvalidArchive(f"Line 1: term {header.term} is far in the future; no room has had so many homes.")
    if not 1 <= line.term <= header.term:
        raise InvalidArchive(f"Line {number}: term {line.term} is none that this room can have had.")
    try:
        check(event_of(header.room, line))
    except InvalidSignature:
        raise InvalidArchive(
            f"Line {number} was altered: {line.author.nick} did not say that, or not in this room. Nothing was taken."
        ) from None


def _check_version(header: Header) -> None:
    if header.version < CARRIED:
        raise InvalidArchive("Line 1: an older Lanchat wrote this file; write it again with: lanchat carry ROOM FILE")


def _checked(archive: Archive) -> Header:
    """Return the header of a file whose events are right, if the rest is. Raises InvalidArchive."""
    header, end = archive.header, archive.end
    _check_version(header)
    if not end.by:  # where somebody is named, their signature was checked with the rest
        raise InvalidArchive("The last line was altered: nobody has signed the file. Nothing was taken.")
    if header.salt and room_id(header.owner, header.salt) != header.room:
        raise InvalidArchive("Line 1 was altered: this room was not opened by who is named there. Nothing was taken.")
    try:
        home = NodeInfo(id=header.home.id, name=names.node_name(header.home.name))
    except LanchatError as error:
        raise InvalidArchive(f"Line 1: {error}") from None
    return msgspec.structs.replace(header, home=home)
