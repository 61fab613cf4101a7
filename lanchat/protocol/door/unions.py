"""Rooms that go on as another one: whose word that is, and what may therefore be said again there. Pure.

A signature is about one room. Where the owner of a room has said that it goes on as another one, what was said in the
one may stand in the other under its `origin`. The word itself stands there first; who has it can check it with nothing
but its signature, because the id of a room says who opened it.
"""

from collections.abc import Collection

from lanchat.errors import InvalidFrame
from lanchat.protocol.door.rules import read_rule, room_id


def heir_of(room: str, author: str, text: str) -> str:
    """Return the id of the room as which a room goes on by the word of somebody; empty when that is no such word.

    Only its owner can say so, and only of one with a smaller id, so that no two rooms go on as each other.

    Args:
        room: id of the room in which it was said.
        author: who said it; that they did is to be checked by the signature.
        text: of the rule.
    """
    try:
        rule = read_rule(text)
    except InvalidFrame:
        return ""
    theirs = rule.change == "unite" and room_id(author, rule.salt) == room and rule.into < room
    return rule.into if theirs else ""


def takes_in(room: str, origins: Collection[str], origin: str, author: str, text: str) -> bool:
    """Return whether a rule that was said in another room is the word by which that one goes on as this.

    Args:
        room: id of this room.
        origins: those that go on as this one already, by themselves or as one of these.
        origin: in which room it was said.
        author: by whom.
        text: of the rule.
    """
    heir = heir_of(origin, author, text)
    return heir == room or heir in origins
