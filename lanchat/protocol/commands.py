"""What a client may send."""

from typing import Literal

from lanchat.protocol.diagnosis import BridgeRoom, Diagnose, Look, Renew
from lanchat.protocol.door import Confirm, Enter, Issue, Knock, Passphrase, Revoke, Rules, Share, Tickets
from lanchat.protocol.jobs import Cancel, Export, Import, MoveRoom, Reveal
from lanchat.protocol.limits import PAGE
from lanchat.protocol.memberships import Alert, Arrange, Prefer, Read, ReadAll
from lanchat.protocol.parts import Author, CommandFrame, Kind, Mark, NodeInfo
from lanchat.protocol.shared import Invite, Presence, Receipts, Typing, Verify
from lanchat.protocol.voting import Quorum
from lanchat.protocol.waiting import Waiting


class Hello(CommandFrame, frozen=True, tag="hello"):
    """First frame of a client: who speaks, in which version, with which key.

    A browser shows its `seed` instead of a `secret` to the node where it is a guest at first: what other nodes learn
    when it goes on there is only what the node makes of that.
    """

    version: int
    client: Literal["window", "guest", "link", "script"]
    secret: str = ""
    seed: str = ""
    nick: str = ""
    token: str = ""
    node: NodeInfo | None = None
    owner: str = ""
    owner_signature: str = ""
    room: str = ""
    nonce: str = ""


class Prove(CommandFrame, frozen=True, tag="prove"):
    """Answer of a link to `challenge`: it is the node that its hello names. Nothing else is taken from it before."""

    certificate: str
    signature: str


class Open(CommandFrame, frozen=True, tag="open"):
    """Find or make a room: by `room` (its id), or by `name`: on this node, else on the network, else a new one.

    One of a node that nobody lists is found at its home's `address`, as `host:port`.
    """

    name: str = ""
    room: str = ""
    create: bool = True
    address: str = ""


class Join(CommandFrame, frozen=True, tag="join"):
    """Enter a room and get what happened after `since`, at most the newest `limit` events.

    By `last`, the mark of the event `since`, the node sees whether this is the history that you know.
    """

    room: str
    since: int = 0
    limit: int = PAGE
    last: Mark | None = None


class Leave(CommandFrame, frozen=True, tag="leave"):
    """Leave a room; no more of its frames come.

    With `for_good` the person is not in it any more, at whatever client: it is not counted or listed as one of theirs.
    """

    room: str
    for_good: bool = False


class Post(CommandFrame, frozen=True, tag="post"):
    """Say something, or change what was said. The `nonce` is the same on every retry.

    The fields from `text` to `off` are those of the body. Only a link may name another `author`, and has to show by
    `signature` and `voucher`, which are those of the event, that this is what they said; and only a link may say `at`,
    when it was said among people who could not reach the others.
    """

    room: str
    nonce: str
    text: str = ""
    kind: Kind = "message"
    target: str = ""
    emoji: str = ""
    off: bool = False
    author: Author | None = None
    signature: str = ""
    voucher: str = ""
    at: int = 0


class Bring(CommandFrame, frozen=True, tag="bring"):
    """As a link, bring what was said among people who could not reach the others: each post signed, with its `at`."""

    room: str
    posts: list[Post]


class History(CommandFrame, frozen=True, tag="history"):
    """Ask for a page: the events just below `before`, just above `after`, or on both sides of the message `around`."""

    room: str
    before: int | None = None
    after: int | None = None
    around: str | None = None
    limit: int = PAGE


class Search(CommandFrame, frozen=True, tag="search"):
    """Ask for the newest messages of a room that hold all words of `text`; the last word may be a beginning.

    `before` asks for those below this seq.
    """

    room: str
    text: str
    before: int | None = None
    limit: int = PAGE


class Rename(CommandFrame, frozen=True, tag="rename"):
    """Change the name that is shown beside what I say."""

    nick: str


class Compare(CommandFrame, frozen=True, tag="compare"):
    """Compare words with somebody who is in `room` and has a Lanchat of their own. For the node's owner only.

    `begin` asks `person`. Of the `transaction` that follows, `accept` says that you want to, `match` and `differ` what
    came of it, and `cancel` that you do not want to any more.
    """

    action: Literal["begin", "accept", "match", "differ", "cancel"]
    room: str = ""
    person: str = ""
    transaction: str = ""


class Announce(CommandFrame, frozen=True, tag="announce"):
    """Tell everybody on this node, and in the rooms whose home it is, something. For the node's owner only."""

    text: str


class Purge(CommandFrame, frozen=True, tag="purge"):
    """Delete what came from an `address` or a `person` since a time, in the rooms of this node. For its owner only.

    Rooms that were made from there, and in which nobody else has said anything, are forgotten. With `dry_run` it is
    only counted; without an address or a person the answer says what came from each address.
    """

    address: str = ""
    person: str = ""
    since: int = 0
    dry_run: bool = False


class Continue(CommandFrame, frozen=True, tag="continue"):
    """Go on with a room at this node, though too few of those who decide can be reached. For the node's owner only.

    What others say meanwhile elsewhere is joined when they meet.
    """

    room: str


class Unite(CommandFrame, frozen=True, tag="unite"):
    """Join a room that has its home here with another one of its name: who is in it moves there, with what they said.

    For the node's owner only.
    """

    room: str
    into: str


class Forget(CommandFrame, frozen=True, tag="forget"):
    """Delete a room and everything said in it from this node, for good. For the node's owner only."""

    room: str


Command = (
    Hello
    | Prove
    | Open
    | Join
    | Leave
    | Post
    | Bring
    | History
    | Search
    | Rename
    | Typing
    | Presence
    | Read
    | ReadAll
    | Prefer
    | Arrange
    | Alert
    | Receipts
    | Invite
    | Verify
    | Compare
    | Announce
    | Export
    | Import
    | MoveRoom
    | Cancel
    | Reveal
    | Purge
    | Continue
    | Unite
    | Forget
    | Enter
    | Knock
    | Confirm
    | Rules
    | Passphrase
    | Issue
    | Tickets
    | Revoke
    | Share
    | Diagnose
    | Look
    | Renew
    | BridgeRoom
    | Waiting
    | Quorum
)
"""Every frame that a client may send."""
