"""Ids, signatures and the statements under them."""

from lanchat.identity import PersonKey, statement, verify
from lanchat.protocol import Author, Body, guest_id, is_guest_id, is_key_id

KEY = PersonKey.new()


def target(data: bytes) -> None:
    """Take the bytes for a person, a signature and what is signed. Nothing is raised, and nothing altered stands."""
    person, _, rest = data.partition(b"\0")
    signature, _, said = rest.partition(b"\0")
    somebody, sign = (text.decode("utf-8", "surrogateescape") for text in (person, signature))
    assert verify(somebody, said, sign) in {True, False}
    assert not verify(KEY.id, said, sign)
    assert not (is_key_id(somebody) and is_guest_id(somebody))
    assert is_guest_id(guest_id(somebody))
    mine = _statement(somebody, sign)
    assert verify(KEY.id, mine, KEY.sign(mine))
    if sign:  # a letter moved from one field into the next is another statement
        assert mine != _statement(somebody + sign[0], sign[1:])


def _statement(room: str, nonce: str) -> bytes:
    return statement(room, nonce, "message", Body(text="tea"), Author(id=KEY.id, nick="Ada"))
