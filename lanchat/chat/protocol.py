"""Protocol v1: every frame of `/ws`, and its limits. chat.codec turns frames into JSON and back.

A frame is one JSON object in one WebSocket text message; `type` names it. `Command` is what a client may send,
`Notice` what a node answers. docs/protocol.md describes each frame; assets/src/wire.ts is generated from this module.
"""

from typing import Literal

import msgspec

VERSION = 1
MAX_FRAME = 65_536
"""Largest frame that a node reads, in bytes."""
MAX_TEXT = 4_000
"""Longest text of one message, in Unicode code points."""
MAX_NONCE = 64
"""Longest nonce, in characters."""
PAGE = 50
"""Events in a page unless the client asks for another number."""
MAX_PAGE = 500
"""Most events in one page."""
HEARTBEAT = 10.0
"""Seconds between two heartbeats, and between two announcements of presence."""
SILENCE = 25.0
"""Seconds without any frame after which the other side counts as gone."""


class _Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Common form of all frames."""


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Common form of what frames contain."""


class NodeInfo(_Part, frozen=True):
    """One running Lanchat: its random id and its display name."""

    id: str
    name: str


class Author(_Part, frozen=True):
    """Who wrote or who is here: a random id that stays with the person, and the name shown."""

    id: str
    nick: str


class Body(_Part, frozen=True):
    """What an event says."""

    text: str


class RoomInfo(_Part, frozen=True):
    """One line in the list of rooms.

    `kind` is `home` when this node numbers the room, `mirror` when it keeps a copy, `found` when another node
    advertises it. `online` is false for a mirror whose home does not answer now. `top` is the highest seq known.
    """

    id: str
    name: str
    node: NodeInfo
    kind: Literal["home", "mirror", "found"]
    members: int
    top: int
    online: bool


# What a client may send -----------------------------------------------------------------------------------------------


class Hello(_Frame, frozen=True, tag="hello"):
    """First frame of a client: who speaks, in which version, with which key."""

    version: int
    client: Literal["window", "guest", "link", "script"]
    id: str = ""
    nick: str = ""
    token: str = ""
    node: NodeInfo | None = None


class Open(_Frame, frozen=True, tag="open"):
    """Find or make a room: by `room` (its id), or by `name`: on this node, else on the network, else a new one."""

    name: str = ""
    room: str = ""
    create: bool = True


class Join(_Frame, frozen=True, tag="join"):
    """Enter a room and get what happened after `since`, at most the newest `limit` events."""

    room: str
    since: int = 0
    limit: int = PAGE


class Leave(_Frame, frozen=True, tag="leave"):
    """Leave a room; no more of its frames come."""

    room: str


class Post(_Frame, frozen=True, tag="post"):
    """Say something. The `nonce` is the same on every retry; only a link may name another `author`."""

    room: str
    nonce: str
    text: str
    author: Author | None = None


class History(_Frame, frozen=True, tag="history"):
    """Ask for a page: the events just below `before`, or just above `after`. Exactly one of the two."""

    room: str
    before: int | None = None
    after: int | None = None
    limit: int = PAGE


class Rename(_Frame, frozen=True, tag="rename"):
    """Change the name that is shown beside what I say."""

    nick: str


class Typing(_Frame, frozen=True, tag="typing"):
    """`author` is writing just now. A window leaves `author` and `node` out; it dies after five seconds unrepeated."""

    room: str
    author: Author | None = None
    node: str = ""


class Presence(_Frame, frozen=True, tag="presence"):
    """Everybody whom one node sees in the room; replaces what that node said before. Sent by links and by nodes."""

    room: str
    node: NodeInfo
    members: list[Author]


# What a node answers --------------------------------------------------------------------------------------------------


class Welcome(_Frame, frozen=True, tag="welcome"):
    """Answer to hello: this node, who you are here, and the times and limits that hold.

    `address` is the URL at which a browser on the network joins; only the owner's window is told.
    """

    version: int
    node: NodeInfo
    you: Author
    heartbeat: float
    silence: float
    max_text: int
    address: str = ""


class You(_Frame, frozen=True, tag="you"):
    """Answer to rename: who you are from now on."""

    you: Author


class Rooms(_Frame, frozen=True, tag="rooms"):
    """All rooms that this node knows; replaces the list sent before. Sent to windows and guests, on every change."""

    rooms: list[RoomInfo]


class Opened(_Frame, frozen=True, tag="opened"):
    """Answer to open."""

    room: RoomInfo


class Event(_Frame, frozen=True, tag="event"):
    """One numbered entry of a room. `at` is for show only: milliseconds since 1970-01-01T00:00Z at the home."""

    room: str
    seq: int
    term: int
    nonce: str
    author: Author
    at: int
    kind: Literal["message"]
    body: Body


class Joined(_Frame, frozen=True, tag="joined"):
    """Answer to join. If the first event is not the one after your cursor, earlier ones exist: page back for them."""

    room: str
    term: int
    top: int
    events: list[Event]


class Page(_Frame, frozen=True, tag="page"):
    """Answer to history: a dense run in ascending order; empty at the end of the room. Echoes what was asked."""

    room: str
    events: list[Event]
    before: int | None = None
    after: int | None = None


class Heartbeat(_Frame, frozen=True, tag="heartbeat"):
    """Sent every `Welcome.heartbeat` seconds: the top of each room joined here; behind it, ask for a page."""

    tops: dict[str, int]


class StartOver(_Frame, frozen=True, tag="start_over"):
    """Your cursor is beyond the room's top: this is not the history you knew. Forget it and join from 0."""

    room: str
    top: int


class Moved(_Frame, frozen=True, tag="moved"):
    """The room that opened by itself gave way to another of its name, before anybody spoke in it: go on there."""

    room: str
    to: RoomInfo


class Error(_Frame, frozen=True, tag="error"):
    """A command was refused. `nonce` and `room` name which, when it was one of a room."""

    code: str
    message: str
    retry: bool
    nonce: str = ""
    room: str = ""


Command = Hello | Open | Join | Leave | Post | History | Rename | Typing | Presence
Notice = (
    Welcome | You | Rooms | Opened | Event | Joined | Page | Presence | Typing | Heartbeat | StartOver | Moved | Error
)
