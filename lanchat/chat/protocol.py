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
MAX_EMOJI = 16
"""Longest reaction, in Unicode code points."""
MAX_STEPS = 32
"""Most pairs in `read` of receipts."""
PAGE = 50
"""Events in a page unless the client asks for another number."""
MAX_PAGE = 500
"""Most events in one page."""
FAR = 2 * MAX_PAGE
"""Events that somebody may be behind and still gets one by one; who is further behind goes on near the top."""
HEARTBEAT = 10.0
"""Seconds between two heartbeats, and between two announcements of presence."""
SILENCE = 25.0
"""Seconds without any frame after which the other side counts as gone."""

Kind = Literal["message", "edit", "reaction", "deletion"]
"""What an event is. Edits, reactions and deletions are about an earlier message; views fold them into it."""


class _Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Common form of all frames."""


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Common form of what frames contain."""


class NodeInfo(_Part, frozen=True):
    """One running Lanchat: its random id and its display name."""

    id: str
    name: str


class Mark(_Part, frozen=True):
    """By what an event is known again: its nonce, and when its home numbered it.

    A home whose data was brought back from a copy may give an event that is said again the number it had before; it
    cannot give it the same time.
    """

    nonce: str
    at: int


class Author(_Part, frozen=True):
    """Who wrote or who is here: a random id that stays with the person, and the name shown."""

    id: str
    nick: str


class RoomName(_Part, frozen=True):
    """A room as it is spoken of: its random id and its name."""

    id: str
    name: str


class Body(_Part, frozen=True, omit_defaults=True):
    """What an event says.

    A message has a `text`; an edit the new `text` of the message `target`, a reaction its `emoji`, which `off` takes
    back, and a deletion just the `target`.
    """

    text: str = ""
    target: int = 0
    emoji: str = ""
    off: bool = False


class RoomInfo(_Part, frozen=True):
    """One line in the list of rooms.

    `kind` is `home` when this node numbers the room, `mirror` when it keeps a copy, `found` when another node
    advertises it. `online` is false for a mirror whose home does not answer now. `top` is the highest seq known.
    `fetching` is the top of the home while a mirror that is far behind catches up with it; `top` says how far it is.
    """

    id: str
    name: str
    node: NodeInfo
    kind: Literal["home", "mirror", "found"]
    members: int
    top: int
    online: bool
    fetching: int = 0


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
    """Enter a room and get what happened after `since`, at most the newest `limit` events.

    By `last`, the mark of the event `since`, the node sees whether this is the history that you know.
    """

    room: str
    since: int = 0
    limit: int = PAGE
    last: Mark | None = None


class Leave(_Frame, frozen=True, tag="leave"):
    """Leave a room; no more of its frames come."""

    room: str


class Post(_Frame, frozen=True, tag="post"):
    """Say something, or change what was said. The `nonce` is the same on every retry.

    The fields from `text` to `off` are those of the body. Only a link may name another `author`.
    """

    room: str
    nonce: str
    text: str = ""
    kind: Kind = "message"
    target: int = 0
    emoji: str = ""
    off: bool = False
    author: Author | None = None


class History(_Frame, frozen=True, tag="history"):
    """Ask for a page: the events just below `before`, just above `after`, or on both sides of `around`."""

    room: str
    before: int | None = None
    after: int | None = None
    around: int | None = None
    limit: int = PAGE


class Search(_Frame, frozen=True, tag="search"):
    """Ask for the newest messages of a room that hold all words of `text`; the last word may be a beginning.

    `before` asks for those below this seq.
    """

    room: str
    text: str
    before: int | None = None
    limit: int = PAGE


class Rename(_Frame, frozen=True, tag="rename"):
    """Change the name that is shown beside what I say."""

    nick: str


class Typing(_Frame, frozen=True, tag="typing"):
    """`author` is writing just now. A window leaves `author` and `node` out; it dies after five seconds unrepeated."""

    room: str
    author: Author | None = None
    node: str = ""


class Read(_Frame, frozen=True, tag="read"):
    """Somebody at this client has read the room up to `seq`. Say it now and then, not for each message."""

    room: str
    seq: int


class Receipts(_Frame, frozen=True, tag="receipts"):
    """How far one node keeps a room on its disk, and how far people there have read. Sent by links and by nodes.

    It replaces what that node said before. `read` has pairs: a seq, and how many people have read up to there. `kept`
    is 0 from the room's home, whose disk has every event before anybody sees it.
    """

    room: str
    node: NodeInfo
    kept: int = 0
    read: list[tuple[int, int]] = []


class Invite(_Frame, frozen=True, tag="invite"):
    """Ask somebody who is in `room` to come `into` another. Links pass it on; a window leaves `author` out."""

    room: str
    to: str
    into: RoomName
    author: Author | None = None


class Announce(_Frame, frozen=True, tag="announce"):
    """Tell everybody on this node, and in the rooms whose home it is, something. For the node's owner only."""

    text: str


class Export(_Frame, frozen=True, tag="export"):
    """Begin to write a room into a file on the node's machine. For the node's owner only."""

    room: str
    format: Literal["jsonl", "html"] = "jsonl"


class Import(_Frame, frozen=True, tag="import"):
    """Begin to read an exported room. The file follows as the body of `POST /jobs/{id}`. For the node's owner only."""

    size: int


class Cancel(_Frame, frozen=True, tag="cancel"):
    """End a job that you began."""

    job: str


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
    kind: Kind
    body: Body


class Joined(_Frame, frozen=True, tag="joined"):
    """Answer to join. If the first event is not the one after your cursor, earlier ones exist: page back for them.

    It comes unasked as well, when what follows your cursor was removed meanwhile or is more than FAR events.

    `later` holds the edits, reactions and deletions of these events that are not among them. What lies below `oldest`
    is not kept any more.
    """

    room: str
    term: int
    top: int
    events: list[Event]
    later: list[Event] = []
    oldest: int = 1


class Page(_Frame, frozen=True, tag="page"):
    """Answer to history: a dense run in ascending order; empty at the end of the room. Echoes what was asked.

    `later` and `oldest` are those of `joined`.
    """

    room: str
    events: list[Event]
    before: int | None = None
    after: int | None = None
    around: int | None = None
    later: list[Event] = []
    oldest: int = 1


class Hit(_Part, frozen=True):
    """A message that was found, as it reads now, and where: pairs of begin and end in code points of its text."""

    event: Event
    marks: list[tuple[int, int]]


class Found(_Frame, frozen=True, tag="found"):
    """Answer to search: the newest first. Echoes what was asked."""

    room: str
    text: str
    hits: list[Hit]
    before: int | None = None


class Notification(_Frame, frozen=True, tag="notification"):
    """Something for you, in whatever room you are: you were mentioned or invited, or something is announced to all.

    `room` and `seq` say where you were mentioned, `room` where you are invited to. `at` is as in an event.
    """

    kind: Literal["mention", "invitation", "announcement"]
    author: Author
    at: int
    text: str = ""
    room: RoomName | None = None
    seq: int = 0


class Job(_Frame, frozen=True, tag="job"):
    """How far a long piece of work is that you asked for: `done` of `total`. `text` says what came of it, or why not.

    `total` is 0 as long as it is not known.
    """

    id: str
    kind: Literal["export", "import"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int = 0
    total: int = 0
    text: str = ""


class Held(_Frame, frozen=True, tag="held"):
    """Answer to a post in a mirror: it is on this node's disk, and waits for the room's home to number it."""

    room: str
    nonce: str


class Heartbeat(_Frame, frozen=True, tag="heartbeat"):
    """Sent every `Welcome.heartbeat` seconds: the top of each room joined here; behind it, ask for a page."""

    tops: dict[str, int]


class StartOver(_Frame, frozen=True, tag="start_over"):
    """Your cursor is beyond the room's top, or another event stands there: this is not the history that you know.

    Forget it and join from 0.
    """

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


Command = (
    Hello
    | Open
    | Join
    | Leave
    | Post
    | History
    | Search
    | Rename
    | Typing
    | Presence
    | Read
    | Receipts
    | Invite
    | Announce
    | Export
    | Import
    | Cancel
)
Notice = (
    Welcome
    | You
    | Rooms
    | Opened
    | Event
    | Joined
    | Page
    | Found
    | Held
    | Presence
    | Typing
    | Receipts
    | Invite
    | Notification
    | Job
    | Heartbeat
    | StartOver
    | Moved
    | Error
)
