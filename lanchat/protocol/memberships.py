"""The frames of the rooms that somebody is in: how far they have read, and how they want each room."""

from collections.abc import Callable
from typing import Any

from lanchat.errors import InvalidFrame
from lanchat.protocol.limits import MAX_PAGE, QUIET_FOR_GOOD
from lanchat.protocol.parts import CommandFrame, Frame, Notices, Part

_HIGHEST = 2**63 - 1
_LONGEST_QUIET = 366 * 86_400


class Read(CommandFrame, frozen=True, tag="read"):
    """Somebody at this client has read the room up to `seq`. Say it now and then, not for each message.

    With `back` they want what follows to be unread again; nobody else is told that.
    """

    room: str
    seq: int
    back: bool = False


class ReadAll(CommandFrame, frozen=True, tag="read_all"):
    """Everything in the rooms that this person is in counts as read."""


class Prefer(CommandFrame, frozen=True, tag="prefer"):
    """How this person wants a room that they are in; what is left out stays as it is.

    `view` is the seq of the first message that they see, 0 at the end: there they go on when they come back.
    """

    room: str
    notices: Notices | None = None
    favourite: bool | None = None
    view: int | None = None


class Arrange(CommandFrame, frozen=True, tag="arrange"):
    """The order in which this person wants some of their rooms, by id, before all others."""

    rooms: list[str]


class Alert(CommandFrame, frozen=True, tag="alert"):
    """How this person wants to be told of things while they look elsewhere; what is left out stays as it is.

    `quiet` is for how many seconds nothing shall be told, 0 to end that, -1 until they end it themselves. `sound` is
    whether there is a sound.
    """

    quiet: int | None = None
    sound: bool | None = None


class Alerts(Frame, frozen=True, tag="alerts"):
    """How you want to be told of things while you look elsewhere.

    Sent to windows and guests when it is changed, and behind `welcome` when it is not as at first. `quiet` is for how
    many seconds nothing shall be told any more, by this node's clock; -1 until you end it.
    """

    quiet: int = 0
    sound: bool = True


class Membership(Part, frozen=True, omit_defaults=True):
    """One room that a person is in.

    `read` is the seq up to which they have read. `unread` counts the messages of others behind it that stand, and
    `mentions` those of them that mention the person; of a long room only the newest are counted. `view` is the seq
    of the message at which they were last, 0 at the end. `place` is where they put the room, from 1 on; 0 for
    nowhere.
    """

    room: str
    read: int
    unread: int = 0
    mentions: int = 0
    notices: Notices = "all"
    favourite: bool = False
    place: int = 0
    view: int = 0


class Memberships(Frame, frozen=True, tag="memberships"):
    """The rooms that you are in, as they stand now, and those that you are not in any more.

    Sent to windows and guests behind `welcome`, then on every change. With `whole` there are no others; where they are
    very many, more of them follow.
    """

    rooms: list[Membership] = []
    gone: list[str] = []
    whole: bool = False


def _check_read(read: Read) -> None:
    if not 0 <= read.seq <= _HIGHEST:
        raise InvalidFrame("read: seq is 0 or more.")


def _check_prefer(prefer: Prefer) -> None:
    if not 0 <= (prefer.view or 0) <= _HIGHEST:
        raise InvalidFrame("prefer: view is 0 or more.")


def _check_arrange(arrange: Arrange) -> None:
    if len(arrange.rooms) > MAX_PAGE or len(set(arrange.rooms)) < len(arrange.rooms):
        raise InvalidFrame(f"arrange: at most {MAX_PAGE} rooms, each once.")


def _check_alert(alert: Alert) -> None:
    if not QUIET_FOR_GOOD <= (alert.quiet or 0) <= _LONGEST_QUIET:
        raise InvalidFrame(f"alert: quiet is a number of seconds up to {_LONGEST_QUIET}, or {QUIET_FOR_GOOD}.")


MEMBERSHIP_CHECKS: dict[type, Callable[[Any], None]] = {
    Read: _check_read,
    Prefer: _check_prefer,
    Arrange: _check_arrange,
    Alert: _check_alert,
}
"""What the types of these commands do not say."""
