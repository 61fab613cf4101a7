"""Who is let in at one of the node's two doors, and as whom."""

import secrets

from lanchat import protocol
from lanchat.errors import HelloFirst, InvalidFrame, InvalidSignature, Unauthorised, UnsupportedVersion
from lanchat.identity import is_owner, names
from lanchat.protocol import Author, Command, Hello, guest_id
from lanchat.rooms import Visitor
from lanchat.sessions.context import SessionContext

_AT_WINDOW = frozenset({"window", "script"})
_AT_NETWORK = frozenset({"guest", "link", "script"})


def admit(command: Command, context: SessionContext, address: str = "") -> Visitor:
    """Let a client in by its first command.

    Args:
        command: what it said.
        context: what it meets here.
        address: where it comes from.

    Raises:
        HelloFirst: the command is no hello.
        UnsupportedVersion: the client speaks another version of the protocol.
        Unauthorised: the window's door wants a key, and this one is not valid.
        InvalidFrame: this kind of client does not come in through this door, or a link does not name its node.
        InvalidSignature: a link names a person who has not signed that its node is theirs.
        InvalidNick: nobody can have this name.
        LanchatError: the gate refuses.
    """
    if not isinstance(command, Hello):
        raise HelloFirst
    if command.version != protocol.VERSION:
        raise UnsupportedVersion(
            f"This Lanchat speaks version {protocol.VERSION} of the protocol, the other side version "
            f"{command.version}; update the older one."
        )
    at_window = context.is_key is not None
    if context.is_key is not None and not context.is_key(command.token):
        raise Unauthorised
    if command.client not in (_AT_WINDOW if at_window else _AT_NETWORK):
        raise InvalidFrame(f"hello: a {command.client} does not come in through this door.")
    if (command.client == "link") != (command.node is not None):
        raise InvalidFrame("hello: a link names its node, and nobody else does.")
    if command.node is not None and not is_owner(command.owner, command.node.id, command.owner_signature):
        raise InvalidSignature("hello: a link names the person of its node, who signs that it is theirs.")
    author = _author(command, context, at_window=at_window)
    person = command.owner if command.node is not None else ""
    where = "" if at_window else address
    visitor = Visitor(command.client, author, at_window, command.node, person, address=where)
    context.access.check(visitor, "link" if command.client == "link" else "connect")
    return visitor


def _author(hello: Hello, context: SessionContext, *, at_window: bool) -> Author:
    owner = context.owner.author
    if at_window and not hello.nick:
        return owner
    secret = hello.id if names.is_person_id(hello.id) else secrets.token_hex(16)
    return Author(id=guest_id(secret), nick=names.nick(hello.nick or "Guest"))
