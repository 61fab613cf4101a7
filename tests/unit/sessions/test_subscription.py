"""Every event once and in order, whatever the layer drops: rules 4, 5, 6 and 10 of the design."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from lanchat.config import Config
from lanchat.errors import JournalFailed
from lanchat.journal import Draft, Journal, Retention, RoomRecord
from lanchat.layers import InMemoryChannelLayer, Message
from lanchat.protocol import FAR, Author, Body, Error, Event, History, Joined, NodeInfo, Page, StartOver
from lanchat.protocol.codec import encode
from lanchat.rooms import Mirror, Room
from lanchat.sessions.hub import Run
from lanchat.sessions.paging import PAGE_BYTES
from lanchat.sessions.subscription import Subscription
from lanchat.web.server import Server
from tests.support.clients import guest, serving
from tests.support.conditions import eventually
from tests.support.identity import GUEST, SEAL
from tests.support.rooms.members import FakeUpstream, home_of
from tests.support.sessions import Recorder

HERE = NodeInfo(id="a" * 32, name="here")
ADA = Author(id="ada-ada-ada", nick="Ada")


class Stage:
    """A room with events in a real journal, which nothing has announced to anybody."""

    def __init__(self, room: Room, journal: Journal) -> None:
        self.room, self.journal = room, journal
        self.socket = Recorder()
        self.subscription = Subscription(room, journal, self.socket, person=ADA.id)

    async def keep(self, count: int, text: str = "x") -> None:
        await asyncio.gather(
            *(
                self.journal.append(Draft(self.room.id, f"{self.room.top}.{number}", ADA, Body(text=text)))
                for number in range(count)
            )
        )

    @property
    def joined(self) -> list[Joined]:
        return [notice for notice in self.socket.heard if isinstance(notice, Joined)]

    async def run(self, first: int, last: int) -> Run:
        """What the layer would bring of these events."""
        events = await self.journal.after(self.room.id, first - 1, last - first + 1)
        return Run(first, [encode(event) for event in events])

    async def take(self, first: int, last: int | None = None) -> None:
        self.subscription.on_message(await self.run(first, last or first))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async def nobody(room: str, events: list[Event]) -> None: ...

    async with Journal(tmp_path / "lanchat.db", nobody) as journal, InMemoryChannelLayer() as layer:
        record = RoomRecord(id="r" * 32, name="room", home=HERE)
        await journal.put_room(record)
        stage = Stage(home_of(record, HERE, journal, layer), journal)
        yield stage
        await stage.subscription.end()


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


# Joining --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "limit", "seqs"),
    [
        (0, 50, list(range(1, 11))),
        (0, 3, [8, 9, 10]),
        (8, 50, [9, 10]),
        (8, 1, [10]),
        (10, 50, []),
        (0, 0, []),
        (7, 0, []),
    ],
)
async def test_who_joins_gets_the_newest_after_the_cursor(
    stage: Stage, since: int, limit: int, seqs: list[int]
) -> None:
    await stage.keep(10)
    assert await stage.subscription.begin(since, limit)
    (joined,) = stage.socket.heard
    assert isinstance(joined, Joined)
    assert (joined.top, [event.seq for event in joined.events]) == (10, seqs)
    await stage.keep(1)
    await stage.take(11)
    assert stage.socket.seqs == [11]


async def test_the_answer_to_a_join_has_its_ref_and_what_comes_unasked_has_none(stage: Stage) -> None:
    await stage.keep(2)
    assert not await stage.subscription.begin(3, 50, ref=7)
    assert await stage.subscription.begin(0, 50, ref=8)
    assert stage.socket.heard[0] == StartOver(room=stage.room.id, top=2, ref=7)
    assert stage.joined[0].ref == 8
    await stage.keep(FAR + 1)
    await stage.take(FAR + 3)
    await eventually(lambda: len(stage.joined) == 2)
    assert stage.joined[1].ref == 0


async def test_a_refusal_is_for_its_author_only(stage: Stage) -> None:
    error = Error(code="not_yours", message="It is not yours.", retry=False, nonce="n")
    for author in ("bob-bob-bob", ADA.id, ""):
        stage.subscription.on_message({"type": "room.refused", "author": author, "frame": encode(error)})
    assert stage.socket.heard == [error]


async def test_a_cursor_beyond_the_top_starts_over(stage: Stage) -> None:
    await stage.keep(2)
    assert not await stage.subscription.begin(3, 50)
    assert stage.socket.heard == [StartOver(room=stage.room.id, top=2)]


async def test_what_comes_between_entering_and_reading_is_repaired(stage: Stage) -> None:
    await stage.keep(3)
    joining = asyncio.ensure_future(stage.subscription.begin(0, 50))
    await asyncio.sleep(0)
    await stage.keep(3)
    await stage.take(4, 6)
    await joining
    await eventually(lambda: stage.socket.seqs == [4, 5, 6])
    (joined,) = (notice for notice in stage.socket.heard if isinstance(notice, Joined))
    assert [event.seq for event in joined.events] == [1, 2, 3]


async def test_nothing_before_the_answer_to_join_is_sent(stage: Stage) -> None:
    await stage.keep(3)
    await stage.take(1, 3)
    assert stage.socket.heard == []
    await stage.subscription.begin(0, 50)
    await stage.take(1, 3)
    assert stage.socket.seqs == []


# Next, seen, hole -----------------------------------------------------------------------------------------------------


async def test_what_is_next_is_sent_and_what_was_seen_is_dropped(stage: Stage) -> None:
    await stage.subscription.begin(0, 50)
    await stage.keep(6)
    for first, last in ((1, 1), (1, 1), (2, 4), (2, 3), (3, 6), (1, 6)):
        await stage.take(first, last)
    assert stage.socket.seqs == [1, 2, 3, 4, 5, 6]


async def test_a_hole_is_repaired_from_the_journal(stage: Stage) -> None:
    await stage.subscription.begin(0, 50)
    await stage.keep(5)
    await stage.take(5)
    await eventually(lambda: stage.socket.seqs == [1, 2, 3, 4, 5])


async def test_while_a_hole_is_repaired_more_may_come(stage: Stage) -> None:
    await stage.subscription.begin(0, 50)
    await stage.keep(9)
    messages = [await stage.run(seq, seq) for seq in range(1, 10)]
    for seq in (3, 4, 2, 5, 7, 9, 8):
        stage.subscription.on_message(messages[seq - 1])
        await asyncio.sleep(0)
    await eventually(lambda: stage.socket.seqs == list(range(1, 10)))


async def test_a_hole_of_several_pages_is_repaired(stage: Stage) -> None:
    await stage.subscription.begin(0, 50)
    await stage.keep(FAR)
    await stage.take(FAR)
    await eventually(lambda: len(stage.socket.seqs) >= FAR)
    assert stage.socket.seqs == list(range(1, FAR + 1))


async def test_who_is_far_behind_goes_on_near_the_top_with_as_many_as_were_asked_for(stage: Stage) -> None:
    await stage.subscription.begin(0, 20)
    await stage.keep(FAR + 1)
    await stage.take(FAR + 1)
    await eventually(lambda: len(stage.joined) == 2)
    assert (stage.joined[1].top, stage.joined[1].oldest) == (FAR + 1, 1)
    assert [event.seq for event in stage.joined[1].events] == list(range(FAR - 18, FAR + 2))
    await stage.keep(1)
    await stage.take(FAR + 2)
    assert stage.socket.seqs == [FAR + 2]


async def test_who_misses_what_was_removed_is_told_where_it_goes_on_and_not_that_the_room_is_another(
    stage: Stage,
) -> None:
    await stage.keep(3)
    await stage.subscription.begin(0, 50)
    await stage.keep(9)
    await stage.journal.retain(stage.room.id, Retention(count=4))
    await stage.take(12)
    await eventually(lambda: len(stage.joined) == 2)
    assert (stage.joined[1].top, stage.joined[1].oldest) == (12, 9)
    assert [event.seq for event in stage.joined[1].events] == [9, 10, 11, 12]
    await stage.keep(1)
    await stage.take(13)
    assert stage.socket.seqs == [13]
    assert [notice for notice in stage.socket.heard if isinstance(notice, StartOver)] == []


async def test_who_joins_with_a_cursor_below_the_oldest_event_is_told_where_it_goes_on(stage: Stage) -> None:
    await stage.keep(12)
    known = await stage.journal.mark(stage.room.id, 3)
    await stage.journal.retain(stage.room.id, Retention(count=4))
    assert await stage.subscription.begin(3, 50, known)
    (joined,) = stage.joined
    assert (joined.oldest, [event.seq for event in joined.events]) == (9, [9, 10, 11, 12])


async def test_who_knows_another_event_at_its_cursor_is_told_to_start_over(stage: Stage) -> None:
    await stage.keep(3)
    known = await stage.journal.mark(stage.room.id, 3)
    assert known is not None
    for other in (msgspec.structs.replace(known, nonce="other"), msgspec.structs.replace(known, at=known.at - 1)):
        assert not await stage.subscription.begin(3, 50, other)
    assert [notice for notice in stage.socket.heard if isinstance(notice, StartOver)] == 2 * [
        StartOver(room=stage.room.id, top=3)
    ]
    assert await stage.subscription.begin(3, 50, known)


async def test_events_of_a_replaced_history_are_not_sent_behind_those_of_the_old_one(stage: Stage) -> None:
    await stage.keep(2)
    await stage.subscription.begin(0, 50)
    await stage.room.start_over()
    await stage.keep(3)
    await stage.take(3)
    await stage.take(5)
    assert stage.socket.seqs == []
    assert [notice for notice in stage.socket.heard if isinstance(notice, StartOver)] == [
        StartOver(room=stage.room.id, top=5)
    ]


async def test_a_history_that_is_replaced_during_a_repair_is_not_sent(stage: Stage) -> None:
    await stage.keep(1)
    await stage.subscription.begin(0, 50)
    await stage.keep(4)
    await stage.take(5)
    await stage.room.start_over()
    await eventually(lambda: StartOver(room=stage.room.id, top=5) in stage.socket.heard)
    assert stage.socket.seqs == []


async def test_while_a_mirror_fetches_a_long_history_nobody_is_told_to_be_behind(stage: Stage) -> None:
    await stage.keep(2)
    await stage.subscription.begin(0, 50)
    await stage.keep(3)
    upstream = FakeUpstream()
    await stage.room.become(stage.room.record, lambda room: Mirror(room.id, stage.journal, upstream))
    upstream.fetching = 9
    assert stage.subscription.top() == 2
    upstream.fetching = 0
    assert stage.subscription.top() == 5


async def test_a_repair_ends_with_the_subscription(stage: Stage) -> None:
    await stage.subscription.begin(0, 50)
    await stage.keep(3)
    await stage.take(3)
    await stage.subscription.end()
    assert stage.socket.seqs == []
    await stage.subscription.end()


async def test_a_repair_that_fails_is_tried_again_with_the_next_event(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> list[Event]:
        raise JournalFailed

    await stage.subscription.begin(0, 50)
    await stage.keep(4)
    messages = [await stage.run(seq, seq) for seq in (3, 4)]
    with monkeypatch.context() as patch:
        patch.setattr(stage.journal, "after", fail)
        stage.subscription.on_message(messages[0])
        await eventually(lambda: "stays open" in caplog.text)
    assert stage.socket.seqs == []
    stage.subscription.on_message(messages[1])
    await eventually(lambda: stage.socket.seqs == [1, 2, 3, 4])


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_is_lost_doubled_or_out_of_order_everything_comes_once(stage: Stage, seed: int) -> None:
    rng = random.Random(seed)
    await stage.subscription.begin(0, 50)
    await stage.keep(120)
    runs, first = [], 1
    while first <= 120:
        last = min(120, first + rng.randrange(5))
        runs.append((first, last))
        first = last + 1
    sent = [run for run in runs if rng.random() > 0.3] + [rng.choice(runs) for _ in range(10)]
    if rng.random() < 0.5:
        rng.shuffle(sent)
    for first, last in [*sent, (120, 120)]:
        await stage.take(first, last)
        if rng.random() < 0.3:
            await asyncio.sleep(0)
    await eventually(lambda: len(stage.socket.seqs) >= 120)
    assert stage.socket.seqs == list(range(1, 121))


# Pages ----------------------------------------------------------------------------------------------------------------


async def test_pages_are_bounded_in_bytes_and_never_empty(stage: Stage) -> None:
    await stage.keep(40, "🍲" * 4000)
    await stage.subscription.begin(0, 50)
    (joined,) = stage.socket.heard
    assert isinstance(joined, Joined)
    newest = [event.seq for event in joined.events]
    assert newest == list(range(newest[0], 41))
    assert 1 < len(newest) < 40
    back = await stage.subscription.page(History(room=stage.room.id, before=newest[0]))
    assert back.events[-1].seq == newest[0] - 1
    on = await stage.subscription.page(History(room=stage.room.id, after=0))
    assert [event.seq for event in on.events] == list(range(1, len(on.events) + 1))
    for events in (joined.events, back.events, on.events):
        assert PAGE_BYTES - 17_000 < sum(len(encode(event)) for event in events) <= PAGE_BYTES


async def test_a_whole_history_of_large_events_comes_by_pages(server: Server) -> None:
    async with guest(server) as ada:
        room = await ada.enter("large")
        drafts = [Draft(room, f"{number}", ADA, Body(text="🍲" * 4000)) for number in range(60)]
        await asyncio.gather(*(server.node.journal.append(draft) for draft in drafts))
        await ada.said(room, 60)
        seqs: list[int] = []
        while page := (await ada.ask(History(room=room, after=len(seqs), limit=500), Page)).events:
            seqs += [event.seq for event in page]
        assert seqs == list(range(1, 61))


async def test_who_misses_more_than_an_outbox_holds_goes_on_near_the_top(stage: Stage) -> None:
    await stage.subscription.begin(0, 50)
    await stage.keep(100, "\x01" * 4000)
    await stage.take(100)
    await eventually(lambda: len(stage.joined) == 2)
    assert stage.socket.seqs == []
    assert (stage.joined[1].events[-1].seq, stage.subscription.seq) == (100, 100)


async def test_people_are_sent_what_was_said_later_and_no_signatures(stage: Stage) -> None:
    for draft in (
        Draft(stage.room.id, "said", GUEST, Body(text="tea"), voucher=SEAL.id),
        Draft(stage.room.id, "r", GUEST, Body(target="said", emoji="👍"), "reaction", voucher=SEAL.id),
    ):
        await stage.journal.append(draft)
    page = await stage.subscription.page(History(room=stage.room.id, after=0, limit=1))
    assert [(event.seq, event.voucher) for event in (*page.events, *page.later)] == [(1, ""), (2, "")]


# A real node ----------------------------------------------------------------------------------------------------------


class Loss:
    """Drops a part of what the layer should carry; the layer may do that."""

    def __init__(self, layer: InMemoryChannelLayer, seed: int) -> None:
        self.lost = 0
        self._send = layer.group_send
        self._rng = random.Random(seed)

    async def group_send(self, group: str, message: Message) -> None:
        if message["type"] == "room.events" and self._rng.random() < 0.3:
            self.lost += 1
            return
        await self._send(group, message)


@pytest.mark.parametrize("seed", range(3))
async def test_a_layer_that_drops_a_third_loses_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    layer = server.node.layer
    assert isinstance(layer, InMemoryChannelLayer)
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("lossy")
        await bob.enter("lossy")
        with monkeypatch.context() as patch:
            loss = Loss(layer, seed)
            patch.setattr(layer, "group_send", loss.group_send)
            for number in range(100):
                await ada.say(room, f"{number}")
                await eventually(lambda number=number: server.node.rooms.get(room).top > number)  # type: ignore[misc]
        assert loss.lost > 10
        await ada.say(room, "the last")
        for client in (ada, bob):
            assert [event.seq for event in await client.said(room, 101)] == list(range(1, 102))


async def test_who_joins_while_posts_pour_in_has_no_gap_and_nothing_twice(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("pouring")

        async def pour() -> None:
            for number in range(450):
                await ada.say(room, f"{number}")
                if number % 10 == 0:
                    await asyncio.sleep(0)

        async def come_late(when: int) -> list[int]:
            await eventually(lambda: server.node.rooms.get(room).top >= when)
            async with guest(server) as late:
                joined = await late.join(room, limit=500)
                seqs = [event.seq for event in joined.events]
                seqs += [event.seq for event in await late.said(room, 450 - joined.top)]
                return seqs

        results = await asyncio.gather(pour(), *(come_late(when) for when in (0, 50, 100, 150, 200, 250)))
        for seqs in results[1:]:
            assert seqs is not None
            assert seqs == list(range(seqs[0], 451))
        assert [event.seq for event in await ada.said(room, 450)] == list(range(1, 451))


async def test_what_is_said_while_somebody_joins_comes_even_when_it_is_the_last(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = asyncio.Event(), asyncio.Event()
    before = server.node.journal.before

    async def slow(room: str, seq: int, limit: int) -> list[Event]:
        events = await before(room, seq, limit)
        reading.set()
        await go_on.wait()
        return events

    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("slow")
        await ada.say(room, "first")
        await ada.said(room, 1)
        monkeypatch.setattr(server.node.journal, "before", slow)
        joining = asyncio.create_task(bob.join(room))
        await reading.wait()
        await ada.say(room, "last")
        await ada.said(room, 1)
        go_on.set()
        assert [event.body.text for event in (await joining).events] == ["first"]
        assert [event.body.text for event in await bob.said(room, 1)] == ["last"]
