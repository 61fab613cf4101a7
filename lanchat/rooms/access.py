"""The one gate: who may do what, in which room. Every way into the node asks here before it does anything."""

from collections.abc import Callable
from typing import Literal

import msgspec

from lanchat.errors import InvalidFrame, InvalidNick, NotOwner
from lanchat.identity import names
from lanchat.protocol import Author, NodeInfo, is_guest_id, is_key_id

Action = Literal[
    "connect",
    "list",
    "open",
    "mirror",
    "join",
    "read",
    "post",
    "lines",
    "invite",
    "link",
    "announce",
    "archive",
    "compare",
    "clear",
    "forget",
]
"""What somebody wants.

`connect`: be a client of this node. `list`: see which rooms there are. `open`: find or make a room. `mirror`: have this
node keep one of another node. `join`: be in it. `read`: its history. `post`: say something, and show that one writes.
`lines`: be in it by plain text. `invite`: ask somebody in it to come elsewhere. `link`: speak for another node.
`announce`: tell everybody something. `archive`: take rooms out into files, and bring them in. `compare`: compare words
with somebody, as the person whose node it is. `clear`: see what came from whom, and delete it. `forget`:
delete a room from this node.
"""


class Visitor(msgspec.Struct, frozen=True):
    """Who wants something.

    Attributes:
        kind: a client of that kind; `lines`: somebody with plain text; `passer`: somebody who only looks at the node;
            `home`: the home of a mirror that is here; `machine`: the person at this machine, without a node.
        author: who that is to others; empty where nobody in particular speaks.
        owner: whether this is a window or a program of the person whose node it is.
        node: the other node, of a link and of a home.
        person: id of the person whose node it is, of a link; empty where that was not shown.
        room: id of the one room that a link is for.
    """

    kind: Literal["window", "guest", "link", "script", "lines", "passer", "home", "machine"]
    author: Author = Author(id="", nick="")
    owner: bool = False
    node: NodeInfo | None = None
    person: str = ""
    room: str = ""


PASSER = Visitor("passer")
"""Somebody on the network who says nothing of themselves."""
AT_WINDOW = Visitor("window", owner=True)
"""Whoever shows a key of the window's door."""
AT_MACHINE = Visitor("machine", owner=True)
"""Whoever can read and write the files of the node."""


class Access:
    """Decides for one node.

    Args:
        owner: id of the person whose node it is; empty where there is none.
    """

    def __init__(self, owner: str = "") -> None:
        self._owner = owner

    @property
    def owner(self) -> str:
        """Id of the person whose node it is; nobody else speaks under it."""
        return self._owner

    def check(self, visitor: Visitor, action: Action, room: str = "") -> None:
        """Return if the visitor may do that.

        Args:
            visitor: who.
            action: what.
            room: the id of the room, where it is about one that is known.

        Raises:
            NotOwner: only the person whose node it is may do that.
            InvalidFrame: only another node may do that, or only in the room that its link is for.
        """
        if rule := _RULES.get(action):
            rule(visitor, room)
        if visitor.kind == "link" and action not in _OF_NO_ROOM and room != visitor.room:
            raise InvalidFrame("This link is for another room; each room has a link of its own.")

    def speaker(self, visitor: Visitor, named: Author | None) -> Author:
        """Return who speaks through a visitor: they themselves, and of a link whom it names, under a tidy name.

        Raises:
            InvalidFrame: a link names nobody, or somebody for whom it does not speak.
            InvalidNick: nobody can have this name, or it is not tidy.
        """
        return vouched(visitor, named) if visitor.kind == "link" else visitor.author


def vouched(link: Visitor, author: Author | None) -> Author:
    """Return somebody for whom the node of a link speaks: its own person, or a guest there.

    Raises:
        InvalidFrame: nobody is named, or somebody else.
        InvalidNick: nobody can have this name, or it is not tidy; it is signed, so it is not made tidy here.
    """
    if author is None or not (is_guest_id(author.id) or (is_key_id(author.id) and author.id == link.person)):
        raise InvalidFrame("A link names the author, who is the person of its node or a guest there.")
    if names.nick(author.nick) != author.nick:
        raise InvalidNick("A link gives names as they are shown: NFC, without spaces around them.")
    return author


def _owner_only(visitor: Visitor, _room: str) -> None:
    if not visitor.owner:
        raise NotOwner


def _mirror(visitor: Visitor, _room: str) -> None:
    if not visitor.owner:
        raise NotOwner("This room is at another node; only the person whose Lanchat this is can bring it here.")


def _owner_or_home(visitor: Visitor, _room: str) -> None:
    if not visitor.owner and visitor.kind != "home":
        raise NotOwner


def _node_only(visitor: Visitor, _room: str) -> None:
    if visitor.node is None:
        raise InvalidFrame("Only a link speaks for a node.")


_RULES: dict[Action, Callable[[Visitor, str], None]] = {
    "announce": _owner_or_home,
    "archive": _owner_only,
    "compare": _owner_only,
    "clear": _owner_only,
    "forget": _owner_only,
    "link": _node_only,
    "mirror": _mirror,
}
"""What not everybody may do."""
_OF_NO_ROOM = frozenset({"connect", "list"})
"""What is about no room, so that a link may do it as well."""
