"""The node's two doors for clients of protocol v1: what they meet there, and who is let in as whom."""

import re
import secrets
from collections.abc import Callable
from typing import Literal

import msgspec

from lanchat.chat import names, protocol
from lanchat.chat.analytics import Count, uncounted
from lanchat.chat.exchange import Exchange
from lanchat.chat.journal import Journal
from lanchat.chat.news import News
from lanchat.chat.notices import Notices
from lanchat.chat.owner import Owner
from lanchat.chat.protocol import Author, Command, Hello, NodeInfo
from lanchat.chat.rooms import Rooms
from lanchat.consumers.audience import Audiences
from lanchat.errors import HelloFirst, InvalidFrame, Unauthorised, UnsupportedVersion
from lanchat.layers import BaseChannelLayer

OWNERS = "node.owners"
"""The layer's group of those who speak as the owner: windows, and scripts that chose no name of their own."""
LISTENERS = {"window": "node.lists.window", "guest": "node.lists.guest"}
"""The layer's groups of those who want the list of rooms, by kind of client."""

_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_AT_WINDOW = frozenset({"window", "script"})
_AT_NETWORK = frozenset({"guest", "link", "script"})


class Reception(msgspec.Struct, frozen=True):
    """What a client meets at one of the node's two doors.

    Attributes:
        node: this node.
        owner: the person whose node it is.
        rooms: the rooms.
        journal: their history.
        layer: what carries messages to clients.
        notices: tells people what is for them, in whatever room they are.
        list_for: gives the encoded list of rooms for a kind of client.
        is_key: at the window's door, whether a token is a valid key; None at the network's door, which asks for none.
        audiences: the clients of the node, by what they listen to.
        address: gives the URL at which a browser on the network joins; empty where it is not told.
        voices: by room and node, the link that said last who is there.
        exchange: exports and imports rooms, at the window's door; None at the network's.
        news: what every window is told when it opens.
        count: counts what happens.
    """

    node: NodeInfo
    owner: Owner
    rooms: Rooms
    journal: Journal
    layer: BaseChannelLayer
    notices: Notices
    list_for: Callable[[str], bytes]
    is_key: Callable[[str], bool] | None
    audiences: Audiences
    address: Callable[[], str] = str
    voices: dict[tuple[str, str], object] = msgspec.field(default_factory=dict)
    exchange: Exchange | None = None
    news: News = msgspec.field(default_factory=News)
    count: Count = uncounted


class Client(msgspec.Struct, frozen=True):
    """Who a client is, once it was let in. `node` is set for a link only."""

    kind: Literal["window", "guest", "link", "script"]
    author: Author
    node: NodeInfo | None


def admit(command: Command, reception: Reception) -> Client:
    """Let a client in by its first command.

    Raises:
        HelloFirst: the command is no hello.
        UnsupportedVersion: the client speaks another version of the protocol.
        Unauthorised: the window's door wants a key, and this is none.
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


def vouched(author: Author | None, reception: Reception) -> Author:
    """Give somebody for whom a link speaks, under a tidy name.

    Raises:
        InvalidFrame: nobody is named, the id is none, or it is that of this node's owner, who speaks here only.
        InvalidNick: nobody can have this name.
    """
    if author is None or not _ID.fullmatch(author.id):
        raise InvalidFrame("A link names the author, with an id of 8 to 64 letters and digits.")
    if author.id == reception.owner.author.id:
        raise InvalidFrame("A link cannot speak as the owner of this node.")
    return Author(id=author.id, nick=names.nick(author.nick))
