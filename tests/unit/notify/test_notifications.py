"""Who is told what, in whatever room they are."""

from collections.abc import AsyncIterator

import pytest

from lanchat.layers import InMemoryChannelLayer, LayerUnreachable
from lanchat.notify.notifications import EVERYBODY, Notifications, group_of
from lanchat.protocol import MAX_TEXT, Author, Body, Event, Notification, RoomRef
from lanchat.protocol.codec import decode_reply, encode
from tests.support.conditions import eventually

ADA, BOB, EVE = (Author(id=f"{name.lower()}-id-1", nick=name) for name in ("Ada", "Bob", "Eve"))
ROOM = RoomRef(id="r1", name="Kitchen")


class Ear:
    """A client's socket: what it was told."""

    def __init__(self) -> None:
        self.told: list[Notification] = []

    def send_text(self, payload: bytes) -> None:
        notice = decode_reply(payload)
        assert isinstance(notice, Notification)
        self.told.append(notice)

    def take(self) -> list[tuple[str, str]]:
        """Kind and text of what was told so far; forgets it."""
        told, self.told = self.told, []
        return [(notice.kind, notice.text) for notice in told]


def said(text: str, author: Author = EVE, seq: int = 7) -> Event:
    return Event(
        room="r1", seq=seq, term=1, nonce=f"n{seq}", author=author, at=1000, kind="message", body=Body(text=text)
    )


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        yield layer


@pytest.fixture
async def notifications(layer: InMemoryChannelLayer) -> AsyncIterator[Notifications]:
    async with Notifications(layer) as notifications:
        yield notifications


async def test_who_is_called_is_told_where_and_by_whom(notifications: Notifications) -> None:
    ada, bob = Ear(), Ear()
    await notifications.arrive(ADA, ada)
    await notifications.arrive(BOB, bob)
    await notifications.mention([said("hey @ada")], ROOM, [])
    assert ada.told == [Notification(kind="mention", author=EVE, at=1000, text="hey @ada", room=ROOM, nonce="n7")]
    assert bob.told == []


async def test_each_person_is_told_once_in_each_window(notifications: Notifications) -> None:
    one, two = Ear(), Ear()
    await notifications.arrive(ADA, one)
    await notifications.arrive(ADA, two)
    await notifications.mention([said("@Ada @Ada")], ROOM, [ADA])
    assert one.take() == two.take() == [("mention", "@Ada @Ada")]


async def test_nobody_is_told_what_they_say_themselves(notifications: Notifications) -> None:
    eve = Ear()
    await notifications.arrive(EVE, eve)
    await notifications.mention([said("@Eve is me")], ROOM, [])
    assert eve.told == []


async def test_somebody_elsewhere_with_a_longer_name_is_meant_alone(notifications: Notifications) -> None:
    ada = Ear()
    await notifications.arrive(ADA, ada)
    await notifications.mention([said("@Ada Lovelace?")], ROOM, [Author(id="far-away-1", nick="Ada Lovelace")])
    assert ada.told == []


async def test_a_new_name_is_called_and_the_old_one_not(notifications: Notifications) -> None:
    ada = Ear()
    await notifications.arrive(ADA, ada)
    notifications.rename(Author(id=ADA.id, nick="Countess"), ada)
    await notifications.mention([said("@Ada")], ROOM, [])
    await notifications.mention([said("@Countess", seq=8)], ROOM, [])
    assert ada.take() == [("mention", "@Countess")]


async def test_an_invitation_reaches_the_one_it_is_for(notifications: Notifications) -> None:
    ada, bob = Ear(), Ear()
    await notifications.arrive(ADA, ada)
    await notifications.arrive(BOB, bob)
    await notifications.invite(ADA.id, EVE, ROOM)
    assert [(notice.kind, notice.author, notice.room) for notice in ada.told] == [("invitation", EVE, ROOM)]
    assert bob.told == []


async def test_an_announcement_reaches_everybody(notifications: Notifications) -> None:
    ada, bob = Ear(), Ear()
    await notifications.arrive(ADA, ada)
    await notifications.arrive(BOB, bob)
    told = await notifications.announce(EVE, "Lunch")
    assert ada.told == bob.told == [told]
    assert (told.kind, told.author, told.text) == ("announcement", EVE, "Lunch")


async def test_who_left_is_told_nothing(notifications: Notifications, layer: InMemoryChannelLayer) -> None:
    one, two = Ear(), Ear()
    await notifications.arrive(ADA, one)
    await notifications.arrive(ADA, two)
    await notifications.leave(ADA, one)
    await notifications.announce(EVE, "Lunch")
    assert (one.take(), two.take()) == ([], [("announcement", "Lunch")])
    await notifications.leave(ADA, two)
    await notifications.leave(ADA, two)
    await notifications.mention([said("@Ada")], ROOM, [ADA])
    assert two.take() == []
    assert await layer.group_members(group_of(ADA.id)) == []


async def test_a_node_is_one_member_of_each_group(notifications: Notifications, layer: InMemoryChannelLayer) -> None:
    for _ in range(3):
        await notifications.arrive(ADA, Ear())
        await notifications.arrive(BOB, Ear())
    assert len(await layer.group_members(group_of(ADA.id))) == 1
    assert await layer.group_members(group_of(ADA.id)) == await layer.group_members(EVERYBODY)


async def test_nodes_that_share_a_layer_reach_each_other_once(layer: InMemoryChannelLayer) -> None:
    async with Notifications(layer) as here, Notifications(layer) as there:
        ada = Ear()
        await there.arrive(ADA, ada)
        event = said("@Ada")
        await here.mention([event], ROOM, [ADA])
        await there.mention([event], ROOM, [])
        await here.announce(EVE, "Lunch")
        assert ada.take() == [("mention", "@Ada"), ("announcement", "Lunch")]


async def test_what_a_home_announces_over_several_links_is_told_once(notifications: Notifications) -> None:
    ada = Ear()
    await notifications.arrive(ADA, ada)
    told = Notification(kind="announcement", author=EVE, at=5, text="Lunch")
    for _ in range(3):
        await notifications.pass_on(told, [ADA.id])
    assert ada.take() == [("announcement", "Lunch")]


@pytest.mark.parametrize(
    "told",
    [
        Notification(kind="mention", author=EVE, at=5, text="@Ada", room=ROOM, nonce="n3"),
        Notification(kind="invitation", author=EVE, at=5, room=ROOM),
        Notification(kind="announcement", author=EVE, at=5, text="x" * (MAX_TEXT + 1)),
    ],
)
async def test_a_home_announces_and_nothing_else(notifications: Notifications, told: Notification) -> None:
    ada = Ear()
    await notifications.arrive(ADA, ada)
    await notifications.pass_on(told, [ADA.id])
    assert ada.told == []


async def test_a_home_announces_to_those_in_its_rooms_only(notifications: Notifications) -> None:
    ada, bob = Ear(), Ear()
    await notifications.arrive(ADA, ada)
    await notifications.arrive(BOB, bob)
    await notifications.pass_on(Notification(kind="announcement", author=EVE, at=5, text="Lunch"), [ADA.id])
    assert (ada.take(), bob.take()) == ([("announcement", "Lunch")], [])


async def test_a_program_with_the_layer_alone_reaches_a_person(
    notifications: Notifications, layer: InMemoryChannelLayer
) -> None:
    ada = Ear()
    await notifications.arrive(ADA, ada)
    frame = b'{"type":"notification","kind":"announcement","author":{"id":"x","nick":"Printer"},"at":1,"text":"Done"}'
    await layer.group_send(group_of(ADA.id), {"type": "notice", "person": ADA.id, "frame": frame})
    assert ada.take() == [("announcement", "Done")]


async def test_a_layer_that_is_away_harms_nobody(
    notifications: Notifications,
    layer: InMemoryChannelLayer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def away(*_: object) -> None:
        raise LayerUnreachable

    for name in ("group_add", "group_discard", "group_send"):
        monkeypatch.setattr(layer, name, away)
    ada = Ear()
    await notifications.arrive(ADA, ada)
    await notifications.mention([said("@Ada")], ROOM, [])
    await notifications.leave(ADA, ada)
    assert caplog.text.count("may miss a notification") == 3


async def test_what_was_made_is_given_back(layer: InMemoryChannelLayer) -> None:
    async with Notifications(layer) as notifications:
        await notifications.arrive(ADA, Ear())
    assert await layer.group_members(EVERYBODY) == await layer.group_members(group_of(ADA.id)) == []


NO_NOTICES: dict[str, dict[str, object]] = {
    "nothing": {},
    "no frame": {"person": ""},
    "no person": {"frame": b"{}"},
    "a number of bytes": {"person": "", "frame": 10**12},
    "a text": {"person": "", "frame": "{}"},
    "a list for a person": {"person": [ADA.id], "frame": b"{}"},
    "no JSON": {"person": "", "frame": b"\xff"},
    "another frame": {"person": "", "frame": b'{"type":"moved","room":"r","into":{"id":"x","name":"x"}}'},
    "a command": {"person": "", "frame": b'{"type":"leave","room":"r"}'},
    "a text of a megabyte": {
        "person": "",
        "frame": encode(Notification(kind="announcement", author=EVE, at=1, text="x" * 1_000_000)),
    },
}


@pytest.mark.parametrize("trick", NO_NOTICES)
async def test_what_is_no_notification_on_a_shared_layer_reaches_nobody(
    notifications: Notifications, layer: InMemoryChannelLayer, caplog: pytest.LogCaptureFixture, trick: str
) -> None:
    ada = Ear()
    await notifications.arrive(ADA, ada)
    notifications._take({"type": "notice", **NO_NOTICES[trick]})
    assert ada.take() == []
    await notifications.announce(EVE, "Lunch")
    assert ada.take() == [("announcement", "Lunch")]
    assert [record for record in caplog.records if record.exc_info] == []


class _AwayLayer(InMemoryChannelLayer):
    """A layer whose server comes later."""

    away = True

    async def new_channel(self, prefix: str = "specific") -> str:
        if self.away:
            raise LayerUnreachable("The layer's server cannot be reached now.")
        return await super().new_channel(prefix)


async def test_a_layer_that_is_away_at_the_start_is_joined_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanchat.notify.notifications.AGAIN", 0.01)
    async with _AwayLayer() as layer, Notifications(layer) as notifications:
        ada, bob = Ear(), Ear()
        await notifications.arrive(ADA, ada)
        await notifications.arrive(BOB, bob)
        await notifications.leave(BOB, bob)
        assert not notifications.joined
        layer.away = False
        await eventually(lambda: notifications.joined)
        await eventually(lambda: group_of(ADA.id) in layer.groups)
        await notifications.mention([said("hey @ada and @bob")], ROOM, [])
        assert ada.take() == [("mention", "hey @ada and @bob")]
        assert bob.told == []


async def test_a_layer_that_is_away_to_the_end_is_let_go() -> None:
    async with _AwayLayer() as layer, Notifications(layer) as notifications:
        assert not notifications.joined
