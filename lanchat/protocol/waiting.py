"""What waits at a node for the home of a room: asked for, and answered."""

from lanchat.protocol.parts import AnswerFrame, Author, Body, CommandFrame, Kind, Part


class Waiting(CommandFrame, frozen=True, tag="waiting"):
    """Ask what was said in a room at this node and waits for the room's home to number it."""

    room: str


class WaitingPost(Part, frozen=True):
    """Something that was said and has no number yet."""

    nonce: str
    author: Author
    kind: Kind
    body: Body


class Waits(AnswerFrame, frozen=True, tag="waits"):
    """What waits for a room's home, in the order in which it was said; `more` when not all of it fits."""

    room: str
    posts: list[WaitingPost]
    more: bool = False
