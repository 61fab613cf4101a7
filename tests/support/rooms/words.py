"""Words by which rooms go on as others, as their owners sign them."""

from msgspec.structs import replace

from lanchat.identity import PersonKey, Seal
from lanchat.journal import Draft
from lanchat.protocol import Author, Body, Event, Rule, room_id, write_rule


class Chain:
    """Rooms of somebody, in the order in which each can go on as those before it.

    Args:
        key: theirs.
        count: how many rooms.
    """

    def __init__(self, key: PersonKey, count: int = 3) -> None:
        self.author, self.seal = Author(id=key.id, nick="Ada"), Seal(key)
        salts = {room_id(key.id, f"{number:032x}"): f"{number:032x}" for number in range(count)}
        self.rooms = sorted(salts)
        self._salts = salts

    def word(self, room: str, into: str, *, standing: str = "", seq: int = 1) -> Event:
        """Return the word by which a room goes on as another one, as it stands in that or a further one."""
        text = write_rule(Rule(change="unite", into=into, salt=self._salts[room]))
        draft = self.seal.said(Draft(room, f"word {room}", self.author, Body(text=text), "rule"))
        standing = standing or room
        return Event(
            room=standing,
            seq=seq,
            term=1,
            nonce=draft.nonce,
            author=self.author,
            at=5,
            kind="rule",
            body=replace(draft.body, origin="" if standing == room else room),
            signature=draft.signature,
        )

    def said(self, room: str, text: str, *, standing: str, seq: int = 1) -> Event:
        """Return something that was said in one room, as it stands in another."""
        draft = self.seal.said(Draft(room, text, self.author, Body(text=text)))
        body = Body(text=text, origin="" if standing == room else room)
        return Event(
            room=standing,
            seq=seq,
            term=1,
            nonce=text,
            author=self.author,
            at=5,
            kind="message",
            body=body,
            signature=draft.signature,
        )
