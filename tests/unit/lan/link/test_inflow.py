"""What a mirror takes from its home beside events. With a real home: test_link.py."""

from collections.abc import AsyncIterator

import pytest

from lanchat.errors import DiskFull, NoSuchRoom, NotOwner, TextTooLong
from lanchat.journal import Journal
from lanchat.lan.link.inflow import Inflow
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.notify import Notifications
from lanchat.protocol import (
    Error,
    Heartbeat,
    Invite,
    Moved,
    Notification,
    Presence,
    Receipts,
    RoomRef,
    Typing,
    error_frame,
)
from lanchat.rooms import Access, Room, Visitor
from tests.support.clock import Clock
from tests.support.conditions import eventually
from tests.support.rooms.members import FakeUpstream, Listener
from tests.support.rooms.said import ADA, BOB, HERE, THERE, draft
from tests.support.sessions import Recorder


@pytest.fixture
async def notifications(layer: InMemoryChannelLayer) -> AsyncIterator[Notifications]:
    async with Notifications(layer) as notifications:
        yield notifications


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def access() -> Access:
    return Access()


@pytest.fixture
def inflow(mirror: Room, access: Access, notifications: Notifications, changes: list[str]) -> Inflow:
    return Inflow(mirror, HERE, access, notifications, lambda: changes.append("changed"), Limits())


async def test_who_is_there_reaches_everybody_and_counts_when_it_changes(
    inflow: Inflow, mirror: Room, layer: InMemoryChannelLayer, changes: list[str]
) -> None:
    listener = await Listener.of(layer, mirror.group)
    for _ in range(2):
        await inflow.take(Presence(room="m1", node=THERE, members=[BOB]))
    await inflow.take(Receipts(room="m1", node=THERE, kept=3))
    assert (len(mirror.presence), changes) == (1, ["changed"])
    await eventually(lambda: [frame["type"] for frame in listener.frames] == ["presence", "presence", "receipts"])


async def test_our_own_typing_that_comes_back_is_passed_over(
    inflow: Inflow, mirror: Room, layer: InMemoryChannelLayer, upstream: FakeUpstream
) -> None:
    listener = await Listener.of(layer, mirror.group)
    await inflow.take(Typing(room="m1", author=ADA, node=HERE.id))
    await inflow.take(Typing(room="m1", author=BOB, node=THERE.id))
    assert [frame["author"]["nick"] for frame in listener.frames] == ["Bob"]
    assert upstream.sent == []


async def test_what_is_for_a_person_reaches_them_where_they_are_in_the_room(
    inflow: Inflow, mirror: Room, notifications: Notifications
) -> None:
    ada = Recorder()
    await notifications.arrive(ADA, ada)
    invite = Invite(room="m1", to=ADA.id, into=RoomRef(id="r2", name="Desk"), author=BOB)
    told = Notification(kind="announcement", author=BOB, at=1, text="Lunch")
    for frame in (invite, told):
        await inflow.take(frame)
    await mirror.presence.enter("a window", ADA)
    await inflow.take(invite)
    await inflow.take(Invite(room="m1", to=ADA.id, into=RoomRef(id="r2", name="Desk")))
    await inflow.take(Notification(kind="announcement", author=BOB, at=1, text="Lunch"))
    await inflow.take(Notification(kind="mention", author=BOB, at=1, text="@Ada"))
    await eventually(lambda: len(ada.heard) == 2)
    assert [told.kind for told in ada.heard if isinstance(told, Notification)] == ["invitation", "announcement"]


@pytest.mark.parametrize("frame", [error_frame(NoSuchRoom(), room="m1"), "moved"])
async def test_a_home_without_the_room_refuses_nothing_that_waits(
    inflow: Inflow, mirror: Room, published: Journal, frame: Error | str
) -> None:
    await mirror.post(draft(room="m1", nonce="n"))
    with pytest.raises(NoSuchRoom):
        await inflow.take(Moved(room="m1", to=mirror.info) if isinstance(frame, str) else frame)
    assert len(await published.outbox("m1")) == 1


async def test_a_refused_post_is_given_up_and_one_refused_for_now_goes_on_waiting(
    inflow: Inflow, mirror: Room, published: Journal, layer: InMemoryChannelLayer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "lanchat")
    listener = await Listener.of(layer, mirror.group)
    for nonce in "ab":
        await mirror.post(draft(room="m1", nonce=nonce))
    await inflow.take(error_frame(TextTooLong(), nonce="a", room="m1"))
    with pytest.raises(DiskFull):
        await inflow.take(error_frame(DiskFull(), nonce="b", room="m1"))
    await inflow.take(error_frame(TextTooLong(), room="m1"))
    assert [item.nonce for _, item in await published.outbox("m1")] == ["b"]
    assert [author for author, _ in listener.refusals] == [ADA.id]
    assert "refused: text_too_long" in caplog.text


async def test_what_concerns_events_is_passed_over(inflow: Inflow, mirror: Room) -> None:
    await inflow.take(Heartbeat(tops={"m1": 7}))
    assert mirror.top == 0


@pytest.fixture
def asked(access: Access, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What a gate that lets nobody through is asked for, and for which room."""
    asked: list[tuple[str, str]] = []

    def closed(visitor: Visitor, action: str, room: str) -> None:
        assert (visitor.kind, visitor.node) == ("home", THERE)
        asked.append((action, room))
        raise NotOwner

    monkeypatch.setattr(access, "check", closed)
    return asked


async def test_what_the_gate_does_not_let_a_home_bring_is_passed_over(
    inflow: Inflow,
    mirror: Room,
    asked: list[tuple[str, str]],
    layer: InMemoryChannelLayer,
    notifications: Notifications,
) -> None:
    bob = Recorder()
    await notifications.arrive(BOB, bob)
    listener = await Listener.of(layer, mirror.group)
    await inflow.take(Presence(room="m1", node=THERE, members=[BOB]))
    await inflow.take(Receipts(room="m1", node=THERE, kept=3))
    await inflow.take(Typing(room="m1", author=BOB, node=THERE.id))
    await inflow.take(Invite(room="m1", to=BOB.id, into=RoomRef(id="r", name="r"), author=ADA))
    await inflow.take(Notification(kind="announcement", author=ADA, at=1, text="Lunch"))
    assert asked == [("link", "m1"), ("link", "m1"), ("link", "m1"), ("invite", "m1"), ("announce", "m1")]
    assert (len(mirror.presence), listener.frames, bob.heard) == (0, [], [])


async def test_a_home_tells_what_passes_only_so_often(
    mirror: Room, access: Access, notifications: Notifications, layer: InMemoryChannelLayer, clock: Clock
) -> None:
    few = Limits(home_signal_rate=0.1, home_signal_burst=3, home_notice_rate=0.1, home_notice_burst=2)
    inflow = Inflow(mirror, HERE, access, notifications, lambda: None, few)
    listener, ada = await Listener.of(layer, mirror.group), Recorder()
    await notifications.arrive(ADA, ada)
    await mirror.presence.enter("ada", ADA)
    told = len(listener.frames)
    for number in range(50):
        await inflow.take(Typing(room="m1", author=BOB, node=THERE.id))
        await inflow.take(Notification(kind="announcement", author=BOB, at=number, text=f"Lunch {number}"))
    assert (len(listener.frames) - told, len(ada.heard)) == (3, 2)
    clock.advance(60)
    await inflow.take(Typing(room="m1", author=BOB, node=THERE.id))
    assert len(listener.frames) - told == 4
    await notifications.leave(ADA, ada)
