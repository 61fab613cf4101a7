"""What a node sends to its clients: answers, and what happened."""

from typing import Literal

import msgspec

from lanchat.protocol.diagnosis import Diagnosis, Looked, Whereabouts
from lanchat.protocol.door import Confirmed, Havens, Issued, Knocked, PolicyNotice, Shared, TicketList
from lanchat.protocol.jobs import JobStatus
from lanchat.protocol.memberships import Alerts, Memberships
from lanchat.protocol.parts import AnswerFrame, Author, Body, Frame, Kind, NodeInfo, Part, RoomInfo, RoomRef, Trace
from lanchat.protocol.shared import Invite, Presence, Receipts, Typing, Verify
from lanchat.protocol.waiting import Waits


class Welcome(AnswerFrame, frozen=True, tag="welcome"):
    """Answer to hello: this node, who you are here, and the times and limits that hold.

    `address` is the URL at which a browser on the network joins, and `fingerprint` the SHA-256 of the certificate under
    which it answers by TLS; only the owner's window is told. Who showed a `seed` is told the `secret` by which they
    are the same guest at other nodes.
    """

    version: int
    node: NodeInfo
    you: Author
    heartbeat: float
    silence: float
    max_text: int
    address: str = ""
    fingerprint: str = ""
    secret: str = ""


class Challenge(Frame, frozen=True, tag="challenge"):
    """What a link has to sign before it is welcome, beside its own nonce: `nonce` is new for each connection."""

    nonce: str


class You(AnswerFrame, frozen=True, tag="you"):
    """Answer to rename: who you are from now on."""

    you: Author


class RoomList(Frame, frozen=True, tag="rooms"):
    """The rooms that this node knows; replaces the list sent before. Sent to windows and guests, on every change.

    Where there are very many, those in which you are and the busiest are in it, and `more` counts the others.
    """

    rooms: list[RoomInfo]
    more: int = 0


class Opened(AnswerFrame, frozen=True, tag="opened"):
    """Answer to open."""

    room: RoomInfo


class Event(Frame, frozen=True, tag="event"):
    """One numbered entry of a room. `at` is for show only: milliseconds since 1970-01-01T00:00Z at the home.

    `signature` is by the author, or by the person `voucher` on whose node the author is a guest. Nodes tell each other,
    and refuse what is not signed so; people are sent neither. `apart` says that it was said where its author could not
    reach the others: `at` is when it was said then, however late it was numbered.
    """

    room: str
    seq: int
    term: int
    nonce: str
    author: Author
    at: int
    kind: Kind
    body: Body
    signature: str = ""
    voucher: str = ""
    apart: bool = False


class Joined(AnswerFrame, frozen=True, tag="joined"):
    """Answer to join. If the first event is not the one after your cursor, earlier ones exist: page back for them.

    It comes unasked as well, when what follows your cursor was removed meanwhile or is more than FAR events.
    `later` holds the edits, reactions and deletions of these events that are not among them. What lies below `oldest`
    is not kept any more. `shared` is true where a Redis numbers the room, to which this node only leads.
    """

    room: str
    term: int
    top: int
    events: list[Event]
    later: list[Event] = []
    oldest: int = 1
    shared: bool = False


class Page(AnswerFrame, frozen=True, tag="page"):
    """Answer to history: a dense run in ascending order; empty at the end of the room.

    `later` and `oldest` are those of `joined`.
    """

    room: str
    events: list[Event]
    later: list[Event] = []
    oldest: int = 1


class Hit(Part, frozen=True):
    """A message that was found, as it reads now, and where: pairs of begin and end in code points of its text."""

    event: Event
    marks: list[tuple[int, int]]


class Found(AnswerFrame, frozen=True, tag="found"):
    """Answer to search: the newest first. `more` says whether older ones may be found as well."""

    room: str
    hits: list[Hit]
    more: bool = False


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


class Held(AnswerFrame, frozen=True, tag="held"):
    """Answer to a post in a mirror: it is on this node's disk, and waits for the room's home to number it."""

    room: str
    nonce: str


class Comparison(AnswerFrame, frozen=True, tag="comparison"):
    """How far a comparison of words with a `person` is: the answer to `compare`, and said again on every change.

    `waiting`: it is the other side's turn. `asked`: they ask you. `words`: compare these. `confirmed`: you said that
    they match, the other has not yet. `verified`: both did. `ended`: nothing came of it, and `reason` says why.
    """

    transaction: str
    room: str
    person: Author
    state: Literal["waiting", "asked", "words", "confirmed", "verified", "ended"]
    words: list[str] = []
    reason: Literal["", "differ", "declined", "expired", "failed"] = ""


class Verified(Frame, frozen=True, tag="verified"):
    """Ids of all people with whom the owner of this node has compared words. Sent to windows, and on every change."""

    people: list[str]


class Done(AnswerFrame, frozen=True, tag="done"):
    """Answer to a command that has no other one, if it had a ref: it was carried out; of a post: its event is kept."""


class Purged(AnswerFrame, frozen=True, tag="purged"):
    """Answer to `purge`: how many messages and rooms are deleted, or would be; or what came from each address."""

    posts: int = 0
    rooms: int = 0
    seen: list[Trace] = msgspec.field(default_factory=list)


class Heartbeat(Frame, frozen=True, tag="heartbeat"):
    """Sent every `Welcome.heartbeat` seconds: the top of each room joined here; behind it, ask for a page."""

    tops: dict[str, int]


class StartOver(AnswerFrame, frozen=True, tag="start_over"):
    """Your cursor is beyond the room's top, or another event stands there: this is not the history that you know.

    Forget it and join from 0. Nothing is gone when it is `joined`: what was said here apart stands behind the others'.
    """

    room: str
    top: int
    joined: bool = False


class Moved(Frame, frozen=True, tag="moved"):
    """The room gave way to another of its name, before anybody spoke in it: go on there."""

    room: str
    to: RoomInfo


class Ruled(AnswerFrame, frozen=True, tag="ruled"):
    """Answer to rules: the next of them, and whose room it is. `more` says whether others follow.

    `keyless` is true where this node does not know the passphrase of the room: the node of its owner tells it then.
    """

    room: str
    events: list[Event]
    owner: str = ""
    salt: str = ""
    more: bool = False
    keyless: bool = False


class Error(AnswerFrame, frozen=True, tag="error"):
    """A command was refused: the one of this `ref`. `nonce` and `room` are its own, as far as they could be read.

    After `wait` seconds it may succeed.
    """

    code: str
    message: str
    retry: bool
    nonce: str = ""
    room: str = ""
    wait: float = 0.0


Answer = (
    Welcome
    | You
    | Opened
    | Joined
    | Page
    | Found
    | JobStatus
    | Held
    | Comparison
    | StartOver
    | Done
    | Purged
    | Diagnosis
    | Looked
    | Knocked
    | Confirmed
    | Ruled
    | Issued
    | TicketList
    | Shared
    | Waits
    | Error
)
"""Every frame that answers one command, and carries its ref."""
Reply = (
    Welcome
    | Challenge
    | You
    | RoomList
    | Memberships
    | Alerts
    | Opened
    | Event
    | Joined
    | Page
    | Found
    | Held
    | Done
    | Purged
    | Diagnosis
    | Looked
    | Whereabouts
    | Presence
    | Typing
    | Receipts
    | Invite
    | Verify
    | Comparison
    | Verified
    | Notification
    | JobStatus
    | Heartbeat
    | StartOver
    | Moved
    | Knocked
    | Confirmed
    | Ruled
    | Issued
    | TicketList
    | Shared
    | PolicyNotice
    | Havens
    | Waits
    | Error
)
"""Every frame that a node may send."""
