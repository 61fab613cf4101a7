"""What every journal of a room does, whoever numbers: SQLite at a home, Redis for a shared room."""

import asyncio
import secrets
from typing import Protocol

import pytest

from lanchat.journal import Draft
from lanchat.protocol import Author, Body, Event, Kind, guest_id

ROOM = secrets.token_hex(16)
ADA, BOB = (Author(id=guest_id(name), nick=name.title()) for name in ("ada", "bob"))
AT = 1_700_000_000_000


def draft(
    nonce: str, text: str = "", author: Author = ADA, *, kind: Kind = "message", target: str = "", emoji: str = ""
) -> Draft:
    text = text or (nonce if kind in {"message", "edit"} else "")
    body = Body(text=text) if kind in {"message", "rule"} else Body(text=text, target=target, emoji=emoji)
    return Draft(ROOM, nonce, author, body, kind)


class Numberer(Protocol):
    """A journal as the contract sees it."""

    async def say(self, *drafts: Draft) -> list[str]:
        """Say something in this order; `kept`, `known`, or the code of the refusal, of each."""

    async def events(self, after: int = 0, limit: int = 100) -> list[Event]:
        """Return what is kept above a seq."""

    async def keep(self, most: int) -> int:
        """Let older entries go until about `most` are left, and return the lowest seq that is kept."""


class JournalContract:
    """Subclass it with a fixture `journal`, a `Numberer` of the empty room `ROOM`."""

    async def test_numbers_are_dense_and_in_the_order_in_which_it_was_said(self, journal: Numberer) -> None:
        assert await journal.say(*(draft(f"n{number}", str(number)) for number in range(5))) == ["kept"] * 5
        events = await journal.events()
        assert [(e.seq, e.nonce, e.body.text) for e in events] == [(n + 1, f"n{n}", str(n)) for n in range(5)]
        assert {(e.room, e.term, e.author) for e in events} == {(ROOM, 1, ADA)}
        assert all(event.at > AT and not event.apart for event in events)

    async def test_a_nonce_stands_once(self, journal: Numberer) -> None:
        assert await journal.say(draft("n", "a"), draft("n", "again")) == ["kept", "known"]
        assert await journal.say(draft("n", "later"), draft("m", "b")) == ["known", "kept"]
        assert [(event.seq, event.body.text) for event in await journal.events()] == [(1, "a"), (2, "b")]

    async def test_many_who_speak_at_once_are_in_one_order(self, journal: Numberer) -> None:
        said = await asyncio.gather(*(journal.say(draft(f"n{n}"), draft(f"m{n}")) for n in range(50)))
        assert said == [["kept", "kept"]] * 50
        events = await journal.events(limit=200)
        assert [event.seq for event in events] == list(range(1, 101))
        place = {event.nonce: event.seq for event in events}
        assert all(place[f"n{n}"] < place[f"m{n}"] for n in range(50))

    @pytest.mark.parametrize("kind", ["edit", "deletion"])
    async def test_only_the_author_changes_a_message(self, journal: Numberer, kind: Kind) -> None:
        await journal.say(draft("n", "a"))
        assert await journal.say(draft("by bob", author=BOB, kind=kind, target="n")) == ["not_yours"]
        assert await journal.say(draft("by ada", kind=kind, target="n")) == ["kept"]
        assert [event.nonce for event in await journal.events()] == ["n", "by ada"]

    async def test_a_guest_of_another_node_is_somebody_else(self, journal: Numberer) -> None:
        mine, theirs = (Draft(ROOM, nonce, ADA, Body(text=nonce), voucher=nonce) for nonce in ("here", "there"))
        await journal.say(mine, theirs)
        edit = Draft(ROOM, "e", ADA, Body(text="x", target="there"), "edit", voucher="here")
        assert await journal.say(edit) == ["not_yours"]

    async def test_reactions_are_everybodys(self, journal: Numberer) -> None:
        await journal.say(draft("n", "a"))
        assert await journal.say(draft("r", author=BOB, kind="reaction", target="n", emoji="👍")) == ["kept"]

    @pytest.mark.parametrize("kind", ["edit", "deletion", "reaction"])
    async def test_what_is_about_no_message_is_refused(self, journal: Numberer, kind: Kind) -> None:
        await journal.say(draft("n", "a"), draft("gone", "b"), draft("d", kind="deletion", target="gone"))
        for target in ("nothing", "d", "gone"):
            assert await journal.say(draft(f"{target}?", kind=kind, target=target)) == ["no_such_message"]
        assert len(await journal.events()) == 3

    async def test_a_change_may_follow_its_message_at_once(self, journal: Numberer) -> None:
        assert await journal.say(draft("n", "a"), draft("e", "b", kind="edit", target="n")) == ["kept", "kept"]

    async def test_who_said_it_and_when_is_kept(self, journal: Numberer) -> None:
        signed = Draft(ROOM, "n", ADA, Body(text="a"), signature="sealed", voucher="whose node it is", at=AT)
        ahead = Draft(ROOM, "m", ADA, Body(text="b"), at=2**50)
        await journal.say(signed, ahead)
        event, late = await journal.events()
        assert (event.signature, event.voucher, event.at, event.apart) == ("sealed", "whose node it is", AT, True)
        assert late.at < 2**50  # nothing was said in the future

    async def test_pages_begin_behind_a_seq(self, journal: Numberer) -> None:
        await journal.say(*(draft(f"n{number}") for number in range(10)))
        assert [event.seq for event in await journal.events(after=4, limit=3)] == [5, 6, 7]
        assert await journal.events(after=10) == []

    async def test_what_is_old_goes_and_the_rest_stays_dense(self, journal: Numberer) -> None:
        await journal.say(*(draft(f"n{number}") for number in range(200)))
        oldest = await journal.keep(100)
        seqs = [event.seq for event in await journal.events(limit=300)]
        assert oldest > 1
        assert 100 <= len(seqs) < 200
        assert seqs == list(range(oldest, seqs[-1] + 1))
        assert await journal.say(draft("e", kind="edit", target="n0")) == ["no_such_message"]
        await journal.say(draft("more"))
        assert (await journal.events(limit=300))[-1].seq == seqs[-1] + 1
