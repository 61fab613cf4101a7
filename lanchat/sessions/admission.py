"""Who is let in at one of the node's two doors, and as whom."""

import re
import secrets
from typing import Literal

import msgspec

from lanchat import protocol
from lanchat.errors import HelloFirst, InvalidFrame, Unauthorised, UnsupportedVersion
from lanchat.identity import names
from lanchat.protocol import Author, Command, Hello, NodeInfo
from lanchat.sessions.context import SessionContext

_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_AT_WINDOW = frozenset({"window", "script"})
_AT_NETWORK = frozenset({"guest", "link", "script"})


class Client(msgspec.Struct, frozen=True):
    """Who a client is, once it was let in. `node` is set for a link only."""

    kind: Literal["window", "guest", "link", "script"]
    author: Author
    node: NodeInfo | None


def admit(command: Command, reception: SessionContext) -> Client:
    """Let a client in by its first command.

    Raises:
        HelloFirst: the command is no hello.
        UnsupportedVersion: the client speaks another version of the protocol.
        Unauthorised: the window's door wants a key, and this one is not valid.
        InvalidFrame: this kind of client does not come in through this door, or a link does not name its node.
        InvalidNick: nobody can have this name.
    """
    if not isinstance(command, Hello):
        raise HelloFirst
    if command.version != protocol.VERSION:
        raise UnsupportedVersion(
            f"This Lanchat speaks version {protocol.VERSION} of the protocol, the other side version "
            f"{command.version}; update the older one."
        )
    at_window = reception.is_key is not None
    if reception.is_key is not None and not reception.is_key(command.token):
        raise Unauthorised
    if command.client not in (_AT_WINDOW if at_window else _AT_NETWORK):
        raise InvalidFrame(f"hello: a {command.client} does not come in through this door.")
    if (command.client == "link") != (command.node is not None):
        raise InvalidFrame("hello: a link names its node, and nobody else does.")
    owner = reception.owner.author
    if at_window and not command.nick:
        return Client(command.client, owner, None)
    claimed = _ID.fullmatch(command.id) and command.id != owner.id
    author = Author(id=command.id if claimed else secrets.token_hex(16), nick=names.nick(command.nick or "Guest"))
    return Client(command.client, author, command.node)


def vouched(author: Author | None, reception: SessionContext) -> Author:
    """Return somebody for whom a link speaks, under a tidy name.

    Raises:
        InvalidFrame: nobody is named, the id is not valid, or it is that of this node's owner, who speaks here only.
        InvalidNick: nobody can have this name.
    """
    if author is None or not _ID.fullmatch(author.id):
        raise InvalidFrame("A link names the author, with an id of 8 to 64 letters and digits.")
    if author.id == reception.owner.author.id:
        raise InvalidFrame("A link cannot speak as the owner of this node.")
    return Author(id=author.id, nick=names.nick(author.nick))
