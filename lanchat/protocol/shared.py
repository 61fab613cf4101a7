"""The frames that go both ways: from a link to a room's home, and from a node to its clients, then without a ref."""

from typing import Literal

from lanchat.protocol.parts import Author, CommandFrame, NodeInfo, RoomRef


class Typing(CommandFrame, frozen=True, tag="typing"):
    """`author` is writing just now. A window leaves `author` and `node` out; it dies after five seconds unrepeated."""

    room: str
    author: Author | None = None
    node: str = ""


class Receipts(CommandFrame, frozen=True, tag="receipts"):
    """How far one node keeps a room on its disk, and how far people there have read. Sent by links and by nodes.

    It replaces what that node said before. `read` has pairs: a seq, and how many people have read up to there. `kept`
    is 0 from the room's home, whose disk has every event before anybody sees it.
    """

    room: str
    node: NodeInfo
    kept: int = 0
    read: list[tuple[int, int]] = []


class Invite(CommandFrame, frozen=True, tag="invite"):
    """Ask somebody who is in `room` to come `into` another. Links pass it on; a window leaves `author` out."""

    room: str
    to: str
    into: RoomRef
    author: Author | None = None


class Verify(CommandFrame, frozen=True, tag="verify"):
    """One step of a comparison of words between the owners of two nodes. Links carry it; no window sends or gets it.

    `data` is a commitment, a key or a MAC in base64url, or why it is cancelled.
    """

    room: str
    to: str
    transaction: str
    step: Literal["start", "accept", "key", "mac", "cancel"]
    data: str = ""
    author: Author | None = None


class Presence(CommandFrame, frozen=True, tag="presence"):
    """Everybody whom one node sees in the room; replaces what that node said before. Sent by links and by nodes."""

    room: str
    node: NodeInfo
    members: list[Author]
