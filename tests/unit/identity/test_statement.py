"""What an author signs: everything that an event says, and nothing that its home gave to it."""

import msgspec
import pytest

from lanchat.identity.statement import measured, ownership, statement
from lanchat.protocol import Author, Body

ADA = Author(id="a" * 43, nick="Ada")
BODY = Body(text="hello", target="t-1", emoji="x")
SAID = {"room": "r1", "nonce": "n-1", "kind": "edit", "body": BODY, "author": ADA}


@pytest.mark.parametrize(
    "change",
    [
        {"room": "r2"},
        {"nonce": "n-2"},
        {"kind": "message"},
        {"body": msgspec.structs.replace(BODY, text="hellp")},
        {"body": msgspec.structs.replace(BODY, target="t-2")},
        {"body": msgspec.structs.replace(BODY, emoji="y")},
        {"body": msgspec.structs.replace(BODY, off=True)},
        {"body": Body(text="hellot-1", emoji="x")},
        {"author": Author(id="b" * 43, nick="Ada")},
        {"author": Author(id="a" * 43, nick="Bea")},
        {"voucher": "b" * 43},
    ],
    ids=str,
)
def test_every_field_counts(change: dict[str, object]) -> None:
    assert statement(**SAID) != statement(**(SAID | change))  # type: ignore[arg-type]


def test_it_stays_what_it_is() -> None:
    """Signatures of today have to stand tomorrow."""
    assert statement("r", "n", "message", Body(text="é"), Author(id="i", nick="k")) == (
        b"\0\0\0\x0flanchat event 1\0\0\0\x01r\0\0\0\x01n\0\0\0\x07message\0\0\0\x02\xc3\xa9"
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01i\0\0\0\x01k\0\0\0\0"
    )
    assert ownership("n") == b"\0\0\0\x0flanchat owner 1\0\0\0\x01n"


def test_no_two_lists_of_fields_give_the_same_bytes() -> None:
    assert measured("a", "bc") != measured("ab", "c") != measured("ab", "c", "")
