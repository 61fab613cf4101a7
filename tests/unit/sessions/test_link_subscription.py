"""What a link is sent of a room: everything by which the other node can check who said what."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from lanchat.errors import InvalidSignature
from lanchat.identity import check
from lanchat.journal import Draft, Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import Body, Event, History, Joined
from lanchat.rooms import Home, Room
from lanchat.sessions.hub import Hub
from lanchat.sessions.link_subscription import AT_ONCE, LinkSubscription
from lanchat.sessions.subscription import Subscription
from tests.support.conditions import eventually
from tests.support.identity import GUEST, MAX, OTHER_SEAL, SEAL
from tests.support.rooms.said import ADA, HERE, record
from tests.support.sessions import Recorder


class Stage:
    """A room with a window and two links in it."""

    def __init__(self, journal: Journal, layer: InMemoryChannelLayer) -> None:
        async def to_nobody(*_: object) -> None: ...

        self.journal = journal
        self.hub = Hub(layer)
        self.room = Room(record(), HERE, journal, layer, lambda room: Home(journal, to_nobody))
        self.window, self.far, self.further = Recorder(), Recorder(), Recorder()
        self.links = [LinkSubscription(self.room, journal, each, SEAL) for each in (self.far, self.further)]
        self.subscriptions = [Subscription(self.room, journal, self.window), *self.links]

    async def say(self, *drafts: Draft) -> None:
        await asyncio.gather(*(self.journal.append(draft) for draft in drafts))

    async def begin(self) -> None:
        for each in self.subscriptions:
            await each.begin(0, 50)


def guests(number: int) -> Draft:
    return Draft("r1", f"n{number}", GUEST, Body(text=f"text {number}"), voucher=SEAL.id)


def events(socket: Recorder) -> list[Event]:
    return [
        event
        for reply in socket.heard
        for event in (reply.events if isinstance(reply, Joined) else [reply])
        if isinstance(event, Event)
    ]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    rooms: list[Room] = []

    async def publish(_: str, events: list[Event]) -> None:
        for room in rooms:
            await room.publish(events)

    async with InMemoryChannelLayer() as layer, Journal(tmp_path / "lanchat.db", publish) as journal:
        await journal.put_room(record())
        stage = Stage(journal, layer)
        rooms.append(stage.room)
        stage.room.count_link(2)
        for each in stage.subscriptions:
            await stage.hub.enter(stage.room.group, each)
        yield stage
        for each in stage.subscriptions:
            await each.end()
        await stage.hub.close()


SAID = (
    guests(1),
    OTHER_SEAL.leaving(OTHER_SEAL.said(Draft("r1", "theirs", GUEST, Body(text="a guest of theirs")))),
    OTHER_SEAL.said(Draft("r1", "max", MAX, Body(text="signed by Max"))),
    Draft("r1", "old", ADA, Body(text="nobody knows")),
)


@pytest.mark.parametrize("late", [False, True], ids=["as it is said", "afterwards"])
async def test_a_link_can_check_everything_and_people_are_sent_no_signature(stage: Stage, *, late: bool) -> None:
    if not late:
        await stage.begin()
    await stage.say(*SAID)
    if late:
        await stage.begin()
    await eventually(lambda: all(len(events(each)) == len(SAID) for each in (stage.window, stage.far, stage.further)))
    for event in events(stage.far):
        check(event)
    assert [bool(event.signature) for event in events(stage.far)] == [True, True, True, False]
    assert events(stage.far) == events(stage.further)
    assert [(event.nonce, event.body) for event in events(stage.far)] == [(draft.nonce, draft.body) for draft in SAID]
    assert {(event.signature, event.voucher) for event in events(stage.window)} == {("", "")}
    assert [event.author for event in events(stage.window)] == [event.author for event in events(stage.far)]


async def test_what_this_node_has_not_signed_and_cannot_sign_is_nobodys(stage: Stage) -> None:
    """The database came from a machine with another key."""
    await stage.begin()
    await stage.say(Draft("r1", "n", GUEST, Body(text="x"), voucher=OTHER_SEAL.id))
    await eventually(lambda: events(stage.far) != [])
    [event] = events(stage.far)
    check(event)
    assert event.author.id.startswith("u-")


async def test_a_run_is_signed_once_for_all_links(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.begin()
    made: list[str] = []
    leaving = type(SEAL).leaving

    def counted(seal: object, event: Event) -> Event:
        made.append(event.nonce)
        return leaving(SEAL, event)

    monkeypatch.setattr(type(SEAL), "leaving", counted)
    await stage.say(guests(1))
    await eventually(lambda: all(events(each) for each in (stage.far, stage.further)))
    assert made == ["n1"]


async def test_nothing_is_signed_as_long_as_no_link_is_there(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.subscriptions[0].begin(0, 50)
    for link in stage.links:
        await stage.hub.leave(stage.room.group, link)
        stage.room.count_link(-1)
    monkeypatch.setattr(type(SEAL), "leaving", lambda *_: pytest.fail("it was signed"))
    await stage.say(guests(1))
    await eventually(lambda: len(events(stage.window)) == 1)


async def test_what_was_sent_before_a_link_came_reaches_it_all_the_same(stage: Stage) -> None:
    stage.room.count_link(-2)
    await stage.begin()
    await stage.say(guests(1))
    await eventually(lambda: len(events(stage.far)) == 1)
    check(events(stage.far)[0])


async def test_a_commit_of_very_many_reaches_a_link_in_pieces(stage: Stage) -> None:
    await stage.begin()
    count = 2 * AT_ONCE + 3
    await stage.say(*(guests(number) for number in range(count)))
    await eventually(lambda: len(events(stage.far)) == count)
    assert [event.seq for event in events(stage.far)] == list(range(1, count + 1))
    for event in events(stage.far):
        check(event)


async def test_a_page_for_a_link_is_history_as_it_is(stage: Stage) -> None:
    await stage.say(guests(1), guests(2))
    await stage.say(Draft("r1", "edit", GUEST, Body(text="x", target="n1"), "edit", voucher=SEAL.id))
    page = await stage.links[0].page(History(room="r1", after=0, limit=2))
    assert ([event.seq for event in page.events], page.later) == ([1, 2], [])
    for event in page.events:
        check(event)
        with pytest.raises(InvalidSignature):
            check(replace(event, nonce="another"))
