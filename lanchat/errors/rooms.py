"""What a room cannot do."""

from lanchat.fault import LanchatError


class RoomError(LanchatError):
    """The room cannot do that."""

    code = "room_error"


class InvalidRoomName(RoomError):
    """A room's name needs 1 to 40 visible characters."""

    code = "invalid_room_name"


class NoSuchRoom(RoomError):
    """There is no such room."""

    code = "no_such_room"


class RoomDeleted(RoomError):
    """The owner of this room has deleted it for everybody."""

    code = "room_deleted"


class NotJoined(RoomError):
    """Join the room before you use it."""

    code = "not_joined"


class NoSuchMessage(RoomError):
    """There is no such message in this room."""

    code = "no_such_message"


class NotYours(RoomError):
    """Only who wrote a message can change or delete it."""

    code = "not_yours"


class InvalidSignature(RoomError):
    """Somebody is named as the author who has not signed this."""

    code = "invalid_signature"


class NotOwner(RoomError):
    """Only the person whose Lanchat this is can do that, at its own window."""

    code = "not_owner"


class StaysApart(RoomError):
    """The room is not joined with another one of its name."""

    code = "stays_apart"


class CannotMove(RoomError):
    """The room cannot be moved there; it is where it was."""

    code = "cannot_move"


class StillHome(RoomError):
    """The room can be written in: nobody has to go on without the others."""

    code = "still_home"


class SearchTooLong(RoomError):
    """The search has too many words."""

    code = "search_too_long"


class SearchTooSlow(RoomError):
    """This search takes too long; look for longer or rarer words."""

    code = "search_too_slow"


class TooManyReactions(RoomError):
    """The message has as many reactions as one can have."""

    code = "too_many_reactions"


class TooManyChanges(RoomError):
    """The message was changed as often as one can be."""

    code = "too_many_changes"
