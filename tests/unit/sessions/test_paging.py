"""No page is larger than a frame may be, whatever was said in the room."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from lanchat.config import Config
from lanchat.journal import Draft, Journal
from lanchat.protocol import MAX_SENT, Author, Body, Event, History, Kind, Page, encode
from lanchat.sessions.paging import PAGE_BYTES, excerpt, fit
from tests.support.clients import guest, serving
from tests.support.rooms.said import ADA, record

WIDE = Author(id="w" * 64, nick="🍲" * 24)
CONTROLS = "\x01" * 3_999


def event(seq: int, text: str = "x", kind: Kind = "message", target: str = "", author: Author = ADA) -> Event:
    body = Body(text=text, target=target) if kind != "reaction" else Body(target=target, emoji=text)
    return Event(room="r1", seq=seq, term=1, nonce=f"n{seq}", author=author, at=1, kind=kind, body=body)


def edited_posts() -> Iterator[Event]:
    """400 posts, then 400 edits of 3,999 control characters: a page of 9.8 MB."""
    yield from (event(seq) for seq in range(1, 401))
    yield from (event(seq, CONTROLS, "edit", f"n{seq - 400}") for seq in range(401, 801))


def large_posts() -> Iterator[Event]:
    """Posts that are large themselves."""
    return (event(seq, CONTROLS) for seq in range(1, 101))


def loved_posts() -> Iterator[Event]:
    """Three messages with the most reactions that a home takes, by people with the longest names and ids."""
    yield from (event(seq) for seq in (1, 2, 3))
    for seq in range(4, 1_504):
        person = msgspec.structs.replace(WIDE, id=f"{seq:064d}")
        yield event(seq, "👍" * 16, "reaction", f"n{1 + seq % 3}", person)


def adored_post() -> Iterator[Event]:
    """One message with 5,000 reactions, as another home may bring it."""
    yield event(1)
    yield from (event(seq, f"{seq:016d}", "reaction", "n1", WIDE) for seq in range(2, 5_002))


ATTACKS = [edited_posts, large_posts, loved_posts, adored_post]


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async def nobody(room: str, events: list[Event]) -> None: ...

    async with Journal(tmp_path / "lanchat.db", nobody) as journal:
        await journal.put_room(record())
        yield journal


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_no_page_is_larger_than_a_frame(journal: Journal, attack: Callable[[], Iterator[Event]]) -> None:
    said = list(attack())
    await journal.mirror("r1", said)
    seen: list[int] = []
    while events := await journal.after("r1", len(seen), 500):
        page = await excerpt(journal, events, 0)
        assert page.events[0].seq == len(seen) + 1
        assert len(encode(Page(room="r1", events=page.events, later=page.later))) <= MAX_SENT
        whole = await journal.later("r1", page.events, 1 << 30)
        assert page.later == whole.events or (len(page.events) == 1 and page.later == whole.events[-len(page.later) :])
        seen += [event.seq for event in page.events]
    assert seen == list(range(1, len(said) + 1))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_what_is_asked_for_is_in_the_page(journal: Journal, attack: Callable[[], Iterator[Event]]) -> None:
    await journal.mirror("r1", list(attack()))
    for nonce in ("n1", "n2", "n90"):
        events = await journal.around("r1", nonce, 500)
        place = next(index for index, event in enumerate(events) if event.nonce == nonce)
        for at, asked in ((place, nonce), (0, events[0].nonce), (len(events) - 1, events[-1].nonce)):
            page = await excerpt(journal, events, at)
            assert asked in {event.nonce for event in page.events}
            assert len(encode(Page(room="r1", events=page.events, later=page.later))) <= MAX_SENT


async def test_a_message_at_its_limits_has_all_its_reactions(journal: Journal) -> None:
    people = [Author(id=f"{number:032x}", nick=f"Guest {number}") for number in range(500)]
    reactions = [event(seq, "👍", "reaction", "n1", person) for seq, person in enumerate(people, 2)]
    await journal.mirror("r1", [event(1, CONTROLS), *reactions, event(502, CONTROLS, "edit", "n1")])
    page = await excerpt(journal, await journal.after("r1", 0, 1), 0)
    assert len(page.later) == 501


def test_a_page_is_filled_on_both_sides_and_is_never_empty() -> None:
    large = [event(seq, "x" * 50_000) for seq in range(1, 21)]
    for place, seqs in ((0, range(1, 6)), (10, range(9, 14)), (19, range(16, 21)), (1, range(1, 6))):
        run, at = fit(large, place)
        assert ([one.seq for one in run], run[at].seq) == (list(seqs), place + 1)
    huge = event(1, "x" * PAGE_BYTES)
    assert fit([huge, event(2)], 0) == ([huge], 0)
    assert fit([], 0) == fit([], -1) == ([], 0)


async def test_a_guest_reads_the_whole_history_after_an_attack(config: Config) -> None:
    async with serving(config) as server, guest(server) as eve, guest(server) as ada:
        room = await eve.enter("large")
        drafts = [Draft(room, said.nonce, eve.me, said.body, said.kind) for said in edited_posts()]
        await asyncio.gather(*(server.node.journal.append(draft) for draft in drafts))
        joined = await ada.join(room, limit=500)
        lowest = joined.events[0].seq
        fold = {one.body.target for one in joined.events}
        while lowest > 1:
            page = await ada.ask(History(room=room, before=lowest, limit=500), Page)
            assert page.events[-1].seq == lowest - 1
            lowest = page.events[0].seq
            fold |= {one.body.target for one in (*page.events, *page.later)}
        assert {f"n{seq}" for seq in range(1, 401)} <= fold
