"""Who said it: every change of what was signed is noticed, and nobody signs for anybody else."""

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from lanchat.errors import InvalidSignature
from lanchat.identity import seal as seals
from lanchat.identity.keys import PersonKey
from lanchat.identity.seal import FEW, Seal, check, check_all, is_owner, shown
from lanchat.identity.statement import statement
from lanchat.journal import Draft
from lanchat.protocol import Author, Body, Event, guest_id, is_guest_id, is_key_id, unverified_id

KEY, OTHER_KEY = PersonKey.new(), PersonKey.new()
ADA = Author(id=KEY.id, nick="Ada")
BOB = Author(id=OTHER_KEY.id, nick="Bob")
GUEST = Author(id=guest_id("bea"), nick="Bea")
OLD = Author(id="4c7dd0a1b2c3", nick="Cy")
HERE, THERE = Seal(KEY), Seal(OTHER_KEY)
TARGET = "t-1"


def said(author: Author = ADA, **changes: object) -> Event:
    event = Event(
        room="r1", seq=7, term=1, nonce="n-1", author=author, at=5, kind="edit", body=Body(text="hello", target=TARGET)
    )
    return replace(event, **changes)


def signed(author: Author = ADA) -> Event:
    """Return what leaves the node of Ada, where Bea is a guest."""
    return HERE.leaving(said(author, voucher="" if author == ADA else KEY.id))


ALTERATIONS: dict[str, Callable[[Event], Event]] = {
    "another text": lambda e: replace(e, body=replace(e.body, text="hellp")),
    "another target": lambda e: replace(e, body=replace(e.body, target="t-2")),
    "an emoji": lambda e: replace(e, body=replace(e.body, emoji="👍")),
    "taken back": lambda e: replace(e, body=replace(e.body, off=True)),
    "another room": lambda e: replace(e, room="r2"),
    "another room as its origin": lambda e: replace(e, body=replace(e.body, origin="r2")),
    "another nonce": lambda e: replace(e, nonce="n-2"),
    "another kind": lambda e: replace(e, kind="message"),
    "another nick": lambda e: replace(e, author=replace(e.author, nick="Adа")),
    "another author": lambda e: replace(e, author=BOB),
    "another guest": lambda e: replace(e, author=replace(GUEST, id=guest_id("mallory"))),
    "an author of old": lambda e: replace(e, author=OLD),
    "another voucher": lambda e: replace(e, voucher=OTHER_KEY.id),
    "no signature": lambda e: replace(e, signature=""),
    "half a signature": lambda e: replace(e, signature=e.signature[:43]),
    "a signature with a letter changed": lambda e: replace(e, signature="A" + e.signature[1:]),
    "a signature of something else": lambda e: replace(e, signature=HERE.leaving(said(nonce="n-9")).signature),
    "a signature of somebody else": lambda e: replace(e, signature=THERE.leaving(replace(e, signature="")).signature),
    "vouched for by nobody": lambda e: replace(e, voucher="" if e.voucher else KEY.id),
    "vouched for by a guest": lambda e: replace(e, voucher=GUEST.id),
}


@pytest.mark.parametrize("author", [ADA, GUEST], ids=["a person with a key", "a guest"])
def test_what_leaves_a_node_is_right_at_the_next_one(author: Author) -> None:
    event = signed(author)
    check(event)
    check(event)  # it is remembered by now
    check(replace(event, seq=9, term=3, at=99))  # what a home gives is not the author's


@pytest.mark.parametrize("alteration", ALTERATIONS, ids=str)
@pytest.mark.parametrize("author", [ADA, GUEST], ids=["a person with a key", "a guest"])
def test_whatever_is_altered_is_noticed(author: Author, alteration: str) -> None:
    event = signed(author)
    check(event)
    altered = ALTERATIONS[alteration](event)
    if altered == event or (author == GUEST and alteration == "another author"):
        altered = replace(altered, voucher="")
    with pytest.raises(InvalidSignature):
        check(altered)


def test_an_authors_own_signature_is_no_voucher_and_a_voucher_speaks_for_guests_only() -> None:
    """Who has a key can vouch for guests; that makes no words of a person with a key."""
    vouching = replace(signed(GUEST), author=ADA, voucher="")
    with pytest.raises(InvalidSignature):
        check(vouching)
    words = statement("r1", "n-1", "edit", Body(text="hello", target=TARGET), GUEST)
    with pytest.raises(InvalidSignature):
        check(replace(said(GUEST), signature=KEY.sign(words), voucher=KEY.id))


def test_nobody_can_know_who_an_author_of_old_is_and_it_does_not_look_otherwise() -> None:
    check(said(OLD))
    check(said(Author(id=unverified_id(KEY.id), nick="Ada")))


def test_the_person_of_a_node_signs_at_once_and_its_guests_when_it_leaves() -> None:
    draft = Draft("r1", "n-1", ADA, Body(text="hello"))
    mine = HERE.said(draft)
    assert (bool(mine.signature), mine.voucher) == (True, "")
    check(mine)
    guests = HERE.said(replace(draft, author=GUEST))
    assert (guests.signature, guests.voucher) == ("", KEY.id)
    check(HERE.leaving(guests))


def test_a_signature_is_the_same_each_time_it_is_made() -> None:
    assert signed(GUEST) == signed(GUEST)
    assert HERE.leaving(signed(GUEST)) == signed(GUEST)


def test_what_others_signed_leaves_as_it_is() -> None:
    theirs = THERE.leaving(said(BOB))
    assert HERE.leaving(theirs) is theirs
    old = said(OLD)
    assert HERE.leaving(old) is old


@pytest.mark.parametrize(
    "event",
    [said(GUEST, voucher=OTHER_KEY.id), said(BOB), said(GUEST)],
    ids=["a guest of another", "another", "nobody's guest"],
)
def test_what_a_key_was_to_sign_that_is_gone_leaves_as_nobodys(event: Event) -> None:
    """The database was brought to a machine with another key."""
    left = HERE.leaving(event)
    assert left.author == Author(id=unverified_id(event.author.id), nick=event.author.nick)
    assert (left.signature, left.voucher) == ("", "")
    check(left)


def test_people_are_sent_no_signatures() -> None:
    event = shown(signed(GUEST))
    assert (event.signature, event.voucher) == ("", "")
    assert shown(event) is event
    assert is_guest_id(event.author.id)


def test_a_name_that_another_node_allowed_stands_as_signed_and_is_shown_as_it_can_be() -> None:
    odd = Author(id=ADA.id, nick="A\u202eda")
    event = HERE.leaving(said(odd))
    check(event)
    assert shown(event).author.nick == "A\ufffdda"


def test_a_vow_is_about_one_node_and_by_one_person() -> None:
    vow = HERE.vow("a" * 32)
    assert is_owner(KEY.id, "a" * 32, vow)
    assert not is_owner(KEY.id, "b" * 32, vow)
    assert not is_owner(OTHER_KEY.id, "a" * 32, vow)
    assert not is_owner(KEY.id, "a" * 32, "")


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1, 120])
async def test_many_are_signed_and_checked_one_by_one(count: int) -> None:
    events = [said(GUEST, nonce=f"n-{number}", voucher=KEY.id) for number in range(count)]
    left = await HERE.all_leaving(events)
    assert [event.nonce for event in left] == [event.nonce for event in events]
    await check_all(left)
    for place in {0, count - 1} & set(range(count)):
        wrong = [*left]
        wrong[place] = replace(left[place], body=Body(text="forged"))
        with pytest.raises(InvalidSignature):
            await check_all(wrong)


async def test_others_have_their_turn_while_many_are_signed_or_checked() -> None:
    events = [said(GUEST, nonce=f"n-{number}", voucher=KEY.id) for number in range(200)]
    turns: list[str] = []

    async def watch(work: asyncio.Task[object]) -> None:
        while not work.done():
            turns.append(work.get_name())
            await asyncio.sleep(0)

    signing: asyncio.Task[object] = asyncio.ensure_future(HERE.all_leaving(events))
    await watch(signing)
    assert len(turns) > 2
    turns.clear()
    left = [HERE.leaving(event) for event in events]
    await watch(asyncio.ensure_future(check_all(left)))
    assert len(turns) > 1


def test_what_was_found_right_is_not_remembered_for_ever() -> None:
    known = seals._Known()
    for number in range(10_000):
        known.add(number.to_bytes(4, "big"))
    assert (9_999).to_bytes(4, "big") in known
    assert (0).to_bytes(4, "big") not in known
    assert len(known._now) + len(known._before) <= 2 * seals._REMEMBERED


def test_the_ids_of_these_people_are_what_they_look_like() -> None:
    assert is_key_id(ADA.id)
    assert is_guest_id(GUEST.id)


def test_what_was_said_in_a_room_is_signed_for_it_also_where_that_goes_on_as_another() -> None:
    for author in (ADA, GUEST):
        event = signed(author)
        check(replace(event, room="r2", body=replace(event.body, origin="r1")))
        with pytest.raises(InvalidSignature):
            check(replace(event, room="r2"))


@pytest.mark.parametrize("author", [ADA, GUEST], ids=["the person", "a guest"])
def test_what_this_node_has_signed_for_others_to_number_is_not_checked_again(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = HERE.leaving(HERE.said(Draft("r1", "n-brought", author, Body(text="hello"))))
    monkeypatch.setattr(seals, "verify", lambda *_: False)
    event = said(author, nonce=draft.nonce, kind="message", body=draft.body, voucher=draft.voucher)
    check(replace(event, signature=draft.signature))
    for other in (replace(event, body=Body(text="hellp")), replace(event, nonce="n-other"), replace(event, room="r2")):
        with pytest.raises(InvalidSignature):
            check(replace(other, signature=draft.signature))
    with pytest.raises(InvalidSignature):
        check(replace(event, signature="A" + draft.signature[1:]))
