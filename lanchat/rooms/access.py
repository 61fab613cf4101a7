"""The one gate: who may do what, in which room. Every way into the node asks here before it does anything."""

from collections.abc import Callable
from typing import Literal

import msgspec

from lanchat.errors import InvalidFrame, InvalidNick, NoSuchRoom, NotOwner
from lanchat.identity import names
from lanchat.journal import Draft
from lanchat.protocol import Author, NodeInfo, is_guest_id, is_key_id
from lanchat.rooms.door import Comer, Doorkeeper, Doorway, check_sharing

Action = Literal[
    "connect",
    "list",
    "open",
    "find",
    "mirror",
    "enter",
    "join",
    "stay",
    "read",
    "post",
    "bring",
    "lines",
    "invite",
    "admit",
    "share",
    "key",
    "link",
    "vote",
    "announce",
    "archive",
    "compare",
    "purge",
    "continue",
    "unite",
    "move",
    "forget",
    "diagnose",
    "renew",
    "bridge",
]
"""What somebody wants.

`connect`: be a client of this node. `list`: see which rooms there are. `open`: find or make a room. `find`: have one by
its name. `mirror`: have this node keep one of another node. `enter`: show what opens its door. `join`: be in it.
`stay`: be in it when something else holds there. `read`: its history. `post`: say something, and show that one writes.
`bring`: bring what others said apart. `lines`: be in it by plain text. `invite`: ask somebody in it to come elsewhere.
`admit`: make invitations into it. `share`: tell others by which address they come into it. `key`: set its passphrase.
`link`: speak for another node. `vote`: decide with others who numbers. `announce`: tell everybody something.
`archive`: take rooms out into files, and bring them in. `compare`: compare words with somebody, as the person whose
node it is. `purge`: see what came from whom, and delete it. `forget`: delete a room from this node. `diagnose`: find
out why nobody is found, and look for others. `renew`: give the node new keys. `bridge`: pass a room on from one
network to another. `continue`: go on with a room without those who decide.
`unite`: join it with another of its name. `move`: let a Redis number it, or this node in place of that.
"""


Asking = Callable[[Action, str], None]
"""Asks the gate for somebody whether they may do something in the room of an id; raises why not."""


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
        address: where they come from; empty for who sits at this machine.
    """

    kind: Literal["window", "guest", "link", "script", "lines", "passer", "home", "machine"]
    author: Author = Author(id="", nick="")
    owner: bool = False
    node: NodeInfo | None = None
    person: str = ""
    room: str = ""
    address: str = ""


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
        doors: the doors of its rooms; without them every room is open.
    """

    def __init__(self, owner: str = "", doors: Doorkeeper | None = None) -> None:
        self._owner = owner
        self._doors = doors

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
            RefusedError: the rules of the room do not allow it.
        """
        if rule := _RULES.get(action):
            rule(visitor, room)
        if visitor.kind == "link" and action not in _OF_NO_ROOM and room != visitor.room:
            raise InvalidFrame("This link is for another room; each room has a link of its own.")
        door = self._doors.get(room) if self._doors is not None else None
        if door is not None and visitor.kind not in _BESIDE and (question := _AT_DOOR.get(action)):
            question(door, self.comer(visitor))
            if action in _WRITES and visitor.kind != "link":
                door.check_writing(self._speaking(visitor))

    def check_post(self, visitor: Visitor, draft: Draft) -> None:
        """Return if somebody who speaks through a visitor that may post may say this now.

        Args:
            visitor: who brings it.
            draft: what is said, by whom and where.

        Raises:
            RefusedError, InvalidFrame, LimitReached: the rules of the room do not allow it.
        """
        door = self._doors.get(draft.room) if self._doors is not None else None
        if door is not None:
            speaking = self._author(visitor, draft)
            door.check_post(speaking, draft.kind, draft.body.text, draft.nonce, link=visitor.kind == "link")

    def is_slow_for(self, visitor: Visitor, draft: Draft) -> bool:
        """Return whether who says this has to wait between what they say."""
        door = self._doors.get(draft.room) if self._doors is not None else None
        return door is not None and door.is_slow_for(self._author(visitor, draft), draft.kind)

    def comer(self, visitor: Visitor) -> Comer:
        """Return a visitor as they stand at the door of a room."""
        if visitor.kind == "link" and visitor.node is not None:
            return Comer(visitor.node.id, visitor.address, visitor.person, guest=False)
        if visitor.owner:
            return Comer(self._owner or visitor.author.id, at_home=True, guest=False)
        return Comer(visitor.author.id, visitor.address)

    def _author(self, visitor: Visitor, draft: Draft) -> Author:
        """Return whose right counts for a draft; a rule counts by its author only."""
        return draft.author if draft.kind == "rule" else self._speaking(visitor, draft.author)

    def _speaking(self, visitor: Visitor, author: Author | None = None) -> Author:
        """Return whose right to write counts: programs of the person of this node have theirs, under whatever name."""
        if visitor.owner and self._owner:
            return msgspec.structs.replace(visitor.author, id=self._owner)
        return author or visitor.author

    def speaker(self, visitor: Visitor, named: Author | None, *, signed: bool = False) -> Author:
        """Return who speaks through a visitor: they themselves, and of a link whom it names, under a tidy name.

        What others have `signed` any link may bring: it was said in the room, where some could not hear it.

        Raises:
            InvalidFrame: a link names nobody, or somebody for whom it does not speak.
            InvalidNick: nobody can have this name, or it is not tidy.
        """
        if visitor.kind == "link" and signed and named is not None and names.nick(named.nick) == named.nick:
            return named
        return vouched(visitor, named) if visitor.kind == "link" else visitor.author


def anybody(action: Action, room: str) -> None:
    """Let somebody do what they want: `Asking` for the person of this node."""
    del action, room


def finds(may: Asking, room: str) -> bool:
    """Return whether somebody may find a room of this node by its name."""
    try:
        may("find", room)
    except NoSuchRoom:
        return False
    return True


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


_BESIDE = frozenset({"home", "machine", "passer"})
"""Who stands at no door: the home of a mirror, whose room it is, and who only looks at the node."""
_AT_DOOR: dict[Action, Callable[[Doorway, Comer], None]] = {
    "enter": Doorway.check_knock,
    "join": Doorway.check_entry,
    "stay": Doorway.check_stay,
    "read": Doorway.check_entry,
    "post": Doorway.check_entry,
    "bring": Doorway.check_entry,
    "lines": Doorway.check_entry,
    "invite": Doorway.check_entry,
    "find": Doorway.check_name,
    "admit": Doorway.check_admission,
    "share": check_sharing,
    "key": Doorway.check_owner,
    "vote": Doorway.check_person,
}
"""What is asked at the door of a room."""
_WRITES = frozenset({"post", "invite"})
"""What is heard in the room; links speak for others, who are asked for by themselves."""
_RULES: dict[Action, Callable[[Visitor, str], None]] = {
    "announce": _owner_or_home,
    "archive": _owner_only,
    "compare": _owner_only,
    "diagnose": _owner_only,
    "renew": _owner_only,
    "bridge": _owner_only,
    "purge": _owner_only,
    "continue": _owner_only,
    "unite": _owner_only,
    "move": _owner_only,
    "forget": _owner_only,
    "link": _node_only,
    "bring": _node_only,
    "vote": _node_only,
    "mirror": _mirror,
}
"""What not everybody may do."""
_OF_NO_ROOM = frozenset({"connect", "list"})
"""What is about no room, so that a link may do it as well."""
