"""What a node sends to its clients: answers, and what happened."""

from typing import Literal

from lanchat.protocol.parts import Author, Body, Frame, Kind, NodeInfo, Part, RoomInfo, RoomRef
from lanchat.protocol.shared import Invite, Presence, Receipts, Typing


class Welcome(Frame, frozen=True, tag="welcome"):
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


class You(Frame, frozen=True, tag="you"):
    """Answer to rename: who you are from now on."""

    you: Author


class RoomList(Frame, frozen=True, tag="rooms"):
    """All rooms that this node knows; replaces the list sent before. Sent to windows and guests, on every change."""

    rooms: list[RoomInfo]


class Opened(Frame, frozen=True, tag="opened"):
    """Answer to open."""

    room: RoomInfo


class Event(Frame, frozen=True, tag="event"):
    """One numbered entry of a room. `at` is for show only: milliseconds since 1970-01-01T00:00Z at the home."""

    room: str
    seq: int
    term: int
    nonce: str
    author: Author
    at: int
    kind: Kind
    body: Body


class Joined(Frame, frozen=True, tag="joined"):
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


class Page(Frame, frozen=True, tag="page"):
    """Answer to history: a dense run in ascending order; empty at the end of the room. Echoes what was asked.

    `later` and `oldest` are those of `joined`.
    """

    room: str
    events: list[Event]
    before: int | None = None
    after: int | None = None
    around: str | None = None
    later: list[Event] = []
    oldest: int = 1


class Hit(Part, frozen=True):
    """A message that was found, as it reads now, and where: pairs of begin and end in code points of its text."""

    event: Event
    marks: list[tuple[int, int]]


class Found(Frame, frozen=True, tag="found"):
    """Answer to search: the newest first. Echoes what was asked."""

    room: str
    text: str
    hits: list[Hit]
    before: int | None = None


class Notification(Frame, frozen=True, tag="notification"):
    """Something for you, in whatever room you are: you were mentioned or invited, or something is announced to all.

    `room` and `nonce` say by which message you were mentioned, `room` where you are invited to. `at` is as in an event.
    """

    kind: Literal["mention", "invitation", "announcement"]
    author: Author
    at: int
    text: str = ""
    room: RoomRef | None = None
    nonce: str = ""


class JobStatus(Frame, frozen=True, tag="job"):
    """How far a long piece of work is that you asked for: `done` of `total`. `text` says what came of it, or why not.

    `total` is 0 as long as it is not known.
    """

    id: str
    kind: Literal["export", "import"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int = 0
    total: int = 0
    text: str = ""


class Held(Frame, frozen=True, tag="held"):
    """Answer to a post in a mirror: it is on this node's disk, and waits for the room's home to number it."""

    room: str
    nonce: str


class Heartbeat(Frame, frozen=True, tag="heartbeat"):
    """Sent every `Welcome.heartbeat` seconds: the top of each room joined here; behind it, ask for a page."""

    tops: dict[str, int]


class StartOver(Frame, frozen=True, tag="start_over"):
    """Your cursor is beyond the room's top, or another event stands there: this is not the history that you know.

    Forget it and join from 0.
    """

    room: str
    top: int


class Moved(Frame, frozen=True, tag="moved"):
    """The room that opened by itself gave way to another of its name, before anybody spoke in it: go on there."""

    room: str
    to: RoomInfo


class Error(Frame, frozen=True, tag="error"):
    """A command was refused. `nonce` and `room` name which, when it was one of a room."""

    code: str
    message: str
    retry: bool
    nonce: str = ""
    room: str = ""


Reply = (
    Welcome
    | You
    | RoomList
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
    | JobStatus
    | Heartbeat
    | StartOver
    | Moved
    | Error
)
"""Every frame that a node may send."""
