"""Who may come into this node."""

from lanchat.fault import LanchatError


class DoorError(LanchatError):
    """You may not come in here."""

    code = "door_error"


class ForeignHost(DoorError):
    """This address is not one of ours; open the address that Lanchat shows."""

    code = "foreign_host"


class ForeignOrigin(DoorError):
    """Another web page may not use this Lanchat."""

    code = "foreign_origin"


class MalformedRequest(DoorError):
    """This is no HTTP request; send one by RFC 9112, its body as it is."""

    code = "malformed_request"


class Unauthorised(DoorError):
    """This window has no valid key; start Lanchat again to open a new one."""

    code = "unauthorised"


class NotSecure(DoorError):
    """Another node comes in by TLS only; dial it at https."""

    code = "not_secure"


class NotProven(DoorError):
    """This node did not prove that it is the one that it says it is."""

    code = "not_proven"


class GoingAway(DoorError):
    """This node is being taken down; come back at once, and another one answers."""

    code = "going_away"
    retry = True


class UnsupportedVersion(DoorError):
    """The two sides speak different versions of the protocol; update the older Lanchat."""

    code = "unsupported_version"
