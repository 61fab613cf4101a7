"""Words that lead from one room to another, and such that do not."""

import pytest
from msgspec.structs import replace

from lanchat.errors import InvalidSignature, StaysApart
from lanchat.protocol import Event
from lanchat.rooms import check_words
from tests.support.identity import key
from tests.support.rooms.words import Chain

CHAIN = Chain(key(1))
FIRST, SECOND, THIRD = CHAIN.rooms
OWN, NEXT = CHAIN.word(THIRD, SECOND), CHAIN.word(SECOND, FIRST, standing=FIRST)


async def test_words_lead_from_room_to_room() -> None:
    await check_words(SECOND, FIRST, [NEXT])
    await check_words(THIRD, FIRST, [OWN, NEXT])


@pytest.mark.parametrize(
    "words",
    [
        [],
        [OWN],
        [NEXT],
        [NEXT, OWN],
        [replace(OWN, kind="message"), NEXT],
        [replace(OWN, author=Chain(key(2)).author), NEXT],
        [replace(OWN, author=replace(OWN.author, id="u-" + "0" * 32)), NEXT],
    ],
)
async def test_what_does_not_lead_there_is_not_believed(words: list[Event]) -> None:
    with pytest.raises(StaysApart):
        await check_words(THIRD, FIRST, words)


async def test_no_room_goes_on_as_itself() -> None:
    """Who has both rooms answers with the one that was asked for, and its copy here would go."""
    with pytest.raises(StaysApart):
        await check_words(THIRD, THIRD, [])


async def test_a_word_that_its_owner_has_not_signed_is_not_believed() -> None:
    with pytest.raises(InvalidSignature):
        await check_words(SECOND, FIRST, [replace(NEXT, signature="A" * 86)])
