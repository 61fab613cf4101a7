"""What holds in a room."""

from lanchat.fault import LanchatError


class RefusedError(LanchatError):
    """The rules of this room do not allow that."""

    code = "refused"


class NeedsPassphrase(RefusedError):
    """This room has a passphrase; enter it to come in."""

    code = "needs_passphrase"


class WrongPassphrase(RefusedError):
    """This is not the passphrase of the room; check how it is written."""

    code = "wrong_passphrase"


class NeedsInvitation(RefusedError):
    """One comes into this room by invitation; ask somebody who is in it for one."""

    code = "needs_invitation"


class InvalidInvitation(RefusedError):
    """This invitation is not valid any more, or is for another room; ask for a new one."""

    code = "invalid_invitation"


class RoomLocked(RefusedError):
    """The room is locked, so nobody new comes in; ask its owner to open it."""

    code = "room_locked"


class Banned(RefusedError):
    """You are banned from this room; only its owner or a moderator can let you in again."""

    code = "banned"


class Kicked(RefusedError):
    """You were sent out of this room; you may come back in a minute."""

    code = "kicked"
    retry = True


class Muted(RefusedError):
    """You may read in this room, but not write; its owner or a moderator has muted you."""

    code = "muted"


class NoGuests(RefusedError):
    """Guests may not come into this room; it is for people who have Lanchat."""

    code = "no_guests"


class ReadOnly(RefusedError):
    """Guests may read in this room, but not write; people who have Lanchat may."""

    code = "read_only"


class SlowMode(RefusedError):
    """This room is in slow mode; wait a little before you write again."""

    code = "slow_mode"
    retry = True


class NotModerator(RefusedError):
    """Only the owner of this room, or a moderator, can do that."""

    code = "not_moderator"
