"""What the command line exits with, so that a script can tell why it failed."""

from lanchat.errors import (
    AlreadyRunning,
    DataDirUnusable,
    InvalidAddress,
    InvalidArchive,
    InvalidNick,
    InvalidRoomName,
    InvalidSetting,
    JournalError,
    LanchatError,
    NoSuchRoom,
    NotArrived,
    NoWindow,
    OtherNode,
    PortTaken,
    Unreachable,
)

_FAILED = 1
_CODES: dict[type[LanchatError], int] = {
    InvalidArchive: 2,
    InvalidNick: 2,
    InvalidRoomName: 2,
    InvalidSetting: 2,
    NoSuchRoom: 3,
    InvalidAddress: 4,
    OtherNode: 4,
    PortTaken: 4,
    Unreachable: 4,
    DataDirUnusable: 5,
    JournalError: 5,
    AlreadyRunning: 6,
    NoWindow: 7,
    NotArrived: 8,
}


def exit_code_of(kind: type[LanchatError]) -> int:
    """Return what the program exits with when this ended it, or an error above it in the tree; 1 for all others."""
    return next((_CODES[each] for each in kind.__mro__ if each in _CODES), _FAILED)
