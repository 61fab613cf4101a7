"""What frames are made of, and what they contain."""

from typing import Literal

import msgspec

Kind = Literal["message", "edit", "reaction", "deletion", "rule"]
"""What an event is. Edits, reactions and deletions are about an earlier message; views fold them into it. A rule says
what holds in the room from there on."""
Entry = Literal["open", "passphrase", "invite"]
"""How one comes into a room: just so, by its passphrase, or by an invitation."""
Guests = Literal["on", "read", "off"]
"""What people without a key of their own may do in a room: all, only read, or not come in."""

Notices = Literal["all", "mentions", "nothing"]
"""What of a room somebody is told of when they do not look at it: everything, what mentions them, or nothing."""


class Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Common form of all frames."""


class CommandFrame(Frame, frozen=True, kw_only=True):
    """Common form of what a client may send. Its answer carries the `ref` back; 0 asks for none."""

    ref: int = 0


class AnswerFrame(Frame, frozen=True, kw_only=True):
    """Common form of what answers one command: `ref` is that command's, 0 when it had none or nobody asked."""

    ref: int = 0


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Common form of what frames contain."""


class NodeInfo(Part, frozen=True):
    """One running Lanchat: its random id and its display name."""

    id: str
    name: str


class Mark(Part, frozen=True):
    """By what an event is known again: its nonce, and when its home numbered it.

    A home whose data was brought back from a copy may give an event that is said again the number it had before; it
    cannot give it the same time.
    """

    nonce: str
    at: int


class Author(Part, frozen=True):
    """Who wrote or who is here: a random id that stays with the person, and the name shown."""

    id: str
    nick: str


class RoomRef(Part, frozen=True):
    """A room as it is spoken of: its random id and its name."""

    id: str
    name: str


class Body(Part, frozen=True, omit_defaults=True):
    """What an event says.

    A message has a `text`; an edit the new `text` of the message `target`, a reaction its `emoji`, which `off` takes
    back, and a deletion just the `target`. The `text` of a rule is its change as JSON. A target is the nonce of a
    message: its author's name for it, which stays whoever numbers the room. An `origin` is the id of the room in which
    it was said, and for which it is signed, where that room goes on as this one.
    """

    text: str = ""
    target: str = ""
    emoji: str = ""
    off: bool = False
    origin: str = ""


class Trace(Part, frozen=True):
    """What came from one address since the node began: how many people and rooms, and what was done against it."""

    address: str
    since: int
    last: int
    refused: int = 0
    cut_off: int = 0
    turned_away: int = 0
    people: int = 0
    rooms: int = 0


Bridging = Literal["", "offered", "on"]
"""Whether a room is passed on from one network of a machine to another, or could be."""


class RoomInfo(Part, frozen=True):
    """One line in the list of rooms.

    `kind` is `home` when this node numbers the room, `mirror` when it keeps a copy, `found` when another node
    advertises it. `online` is false for a mirror whose home does not answer now. `top` is the highest seq known.
    `fetching` is the top of the home while a mirror that is far behind catches up with it; `top` says how far it is.
    `refused` is the code of the reason why a mirror does not take what its home says, or what answers in its place.
    `full` is true for a mirror that has as much as it may take here, and fetches no more.
    `shared` is true where a Redis numbers the room for several nodes, so that nobody can go on with it alone.
    `may_lose` is true where a crash of the Redis that numbers it can take the last second of what no node has.
    `missing` are the names of the machines without which nothing can be numbered now, as far as they are known.
    `alone` is true where this node went on with it without those who decided, and nobody decides yet with it.
    `door` is how one comes in, `locked` that nobody new does, `listed` false that it is in lists of its people only,
    and `guests` what people without a key may do; of a room that another node advertises only `door` is known.
    `owner` is whose room it is; who has `salt` can check that by the room's id.
    `bridge` is `on` where this node passes the room on from one network to another, and `offered` where it could,
    because somebody does not reach its home.
    """

    id: str
    name: str
    node: NodeInfo
    kind: Literal["home", "mirror", "found"]
    members: int
    top: int
    online: bool
    fetching: int = 0
    refused: str = ""
    full: bool = False
    shared: bool = False
    may_lose: bool = False
    missing: list[str] = []
    alone: bool = False
    door: Entry = "open"
    locked: bool = False
    listed: bool = True
    guests: Guests = "on"
    owner: str = ""
    salt: str = ""
    bridge: Bridging = ""
