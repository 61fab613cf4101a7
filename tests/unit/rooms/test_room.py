import asyncio
from typing import Any

import msgspec
import pytest

from lanchat.errors import JournalFailed, NoSuchRoom, TextTooLong
from lanchat.journal import Journal, Kept
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import Author, Invite, Notification, Presence, RoomInfo, RoomRef, Typing
from lanchat.protocol.codec import error_frame
from lanchat.rooms.room import Room
from tests.support.conditions import eventually
from tests.support.rooms.members import FakeUpstream, Listener, mirror_of
from tests.support.rooms.said import ADA, BOB, ELSEWHERE, HERE, THERE, draft, event, record

COUNTESS = Author(id=ADA.id, nick="Countess")


# What is said ---------------------------------------------------------------------------------------------------------


async def test_a_post_at_home_reaches_everybody_numbered_and_in_the_order_of_the_calls(
    home: Room, layer: InMemoryChannelLayer
) -> None:
    ada, bob = await Listener.of(layer, home.group), await Listener.of(layer, home.group)
    kept = await asyncio.gather(*(home.post(draft(text)) for text in "abc"))
    assert [item.event.seq for item in kept if item] == [1, 2, 3]
    assert ada.events == bob.events == [(1, "a"), (2, "b"), (3, "c")]
    assert home.top == 3


async def test_many_large_events_travel_as_runs_that_a_layer_can_carry(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    events = [event(seq, "🍲" * 4000) for seq in range(1, 101)]
    await home.publish(events)
    assert [seq for seq, _ in listener.events] == list(range(1, 101))


async def test_a_repeated_post_reaches_nobody_and_gives_its_author_the_event(
    home: Room, layer: InMemoryChannelLayer
) -> None:
    first = await home.post(draft("once", nonce="n"))
    listener = await Listener.of(layer, home.group)
    assert isinstance(first, Kept)
    assert await home.post(draft("once", nonce="n")) == Kept(first.event, fresh=False)
    assert listener.events == []


async def test_a_post_that_cannot_be_kept_fails_and_reaches_nobody(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    with pytest.raises(JournalFailed):
        await home.post(draft("half \ud83d"))
    assert listener.events == []
    assert home.top == 0


async def test_a_post_in_a_mirror_waits_for_the_home(
    mirror: Room, published: Journal, layer: InMemoryChannelLayer, upstream: FakeUpstream
) -> None:
    listener = await Listener.of(layer, mirror.group)
    said = draft("hello", room="m1")
    waiting = mirror.post(said)
    assert upstream.flushed == 0, "nothing is sent before it is in the outbox"
    assert await waiting is None
    await eventually(lambda: upstream.flushed == 1)
    assert [item for _, item in await published.outbox("m1")] == [said]
    assert (listener.events, mirror.top) == ([], 0)
    await published.mirror("m1", [event(1, "hello", room="m1", nonce=said.nonce)])
    assert listener.events == [(1, "hello")]
    assert await published.outbox("m1") == []


async def test_a_post_that_the_home_has_numbered_gives_its_event(mirror: Room, published: Journal) -> None:
    known = event(1, room="m1", nonce="n")
    await published.mirror("m1", [known])
    assert await mirror.post(draft(room="m1", nonce="n")) == Kept(known, fresh=False)


async def test_a_post_in_a_mirror_is_taken_without_a_link(published: Journal, layer: InMemoryChannelLayer) -> None:
    room = mirror_of(record("m1", home=THERE), HERE, published, layer)
    assert await room.post(draft(room="m1")) is None


async def test_a_post_that_the_home_refused_is_given_up_and_its_author_is_told_once(
    mirror: Room, published: Journal, layer: InMemoryChannelLayer
) -> None:
    listener = await Listener.of(layer, mirror.group)
    for nonce in ("n1", "n2"):
        await mirror.post(draft(room="m1", nonce=nonce))
    await mirror.refuse(error_frame(TextTooLong(), nonce="n1", room="m1"))
    assert [item.nonce for _, item in await published.outbox("m1")] == ["n2"]
    await mirror.refuse(error_frame(TextTooLong(), nonce="n1", room="m1"))
    [(author, frame)] = listener.refusals
    assert (author, frame["type"], frame["code"], frame["nonce"]) == (ADA.id, "error", "text_too_long", "n1")


async def test_a_line_reaches_those_who_speak_plain_text(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    await home.line("🚪 Someone joined")
    assert listener.lines == ["🚪 Someone joined"]
    assert home.top == 0


# Who is here ----------------------------------------------------------------------------------------------------------


async def test_typing_goes_to_everybody_and_home_but_not_back(
    mirror: Room, layer: InMemoryChannelLayer, upstream: FakeUpstream
) -> None:
    listener = await Listener.of(layer, mirror.group)
    mine, theirs = (
        Typing(room="m1", author=ADA, node=HERE.id),
        Typing(room="m1", author=BOB, node=THERE.id),
    )
    await mirror.typing(mine)
    await mirror.typing(theirs)
    assert [frame["author"]["nick"] for frame in listener.frames] == ["Ada", "Bob"]
    assert upstream.sent == [mine]


async def test_typing_at_home(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    await home.typing(Typing(room="r1", author=ADA, node=HERE.id))
    assert [frame["type"] for frame in listener.frames] == ["typing"]


# What is shown of it --------------------------------------------------------------------------------------------------


async def test_a_home_in_the_list_of_rooms(home: Room) -> None:
    await home.post(draft())
    await home.presence.enter("c1", ADA)
    assert home.info == RoomInfo(id="r1", name="Kitchen", node=HERE, kind="home", members=1, top=1, online=True)
    assert home.kind == "home"


async def test_a_mirror_is_online_when_its_home_answers(mirror: Room, upstream: FakeUpstream) -> None:
    assert mirror.info == RoomInfo(id="m1", name="Kitchen", node=THERE, kind="mirror", members=0, top=0, online=True)
    upstream.online = False
    assert not mirror.info.online
    assert mirror.kind == "mirror"


async def test_a_mirror_that_fetches_a_long_history_says_how_far_it_is_and_sends_nobody_what_it_fetches(
    mirror: Room, layer: InMemoryChannelLayer, upstream: FakeUpstream
) -> None:
    listener = await Listener.of(layer, mirror.group)
    upstream.fetching = 3
    await mirror.publish([event(1, "one", room="m1"), event(2, "two", room="m1")])
    assert (mirror.info.fetching, listener.events) == (3, [])
    upstream.fetching = 0
    await mirror.publish([event(3, "three", room="m1")])
    assert (mirror.info.fetching, listener.events) == (0, [(3, "three")])


async def test_everybody_in_a_room_can_be_sent_to_another(
    home: Room, mirror: Room, layer: InMemoryChannelLayer
) -> None:
    listener = await Listener.of(layer, home.group)
    await home.move(mirror)
    assert listener.frames == [{"type": "moved", "room": "r1", "to": msgspec.to_builtins(mirror.info)}]


async def test_a_room_that_was_forgotten_takes_no_post(home: Room, mirror: Room, published: Journal) -> None:
    for room in ("r1", "m1"):
        await published.delete_room(room)
    with pytest.raises(NoSuchRoom):
        await home.post(draft())
    with pytest.raises(NoSuchRoom):
        await mirror.post(draft(room="m1"))


# What is for other nodes ----------------------------------------------------------------------------------------------

INVITATION = Invite(room="r1", to=BOB.id, into=RoomRef(id="r2", name="Desk"), author=ADA)


async def test_a_home_passes_an_invitation_on_to_the_nodes_that_see_the_person(
    home: Room, layer: InMemoryChannelLayer
) -> None:
    messages: list[Any] = []
    layer.attach("links", messages.append)
    await layer.group_add(home.links, "links")
    everybody = await Listener.of(layer, home.group)
    await home.presence.enter("window", BOB)
    await home.presence.receive(Presence(room="r1", node=THERE, members=[BOB]))
    await home.presence.receive(Presence(room="r1", node=ELSEWHERE, members=[ADA]))
    everybody.take_frames()
    await home.invite(INVITATION)
    await home.announce(Notification(kind="announcement", author=ADA, at=1, text="Lunch"))
    assert [(message["type"], message["node"]) for message in messages] == [
        ("link.frame", THERE.id),
        ("link.frame", ""),
    ]
    assert everybody.frames == []


async def test_a_mirror_passes_an_invitation_on_to_its_home_unless_the_person_is_here_alone(
    mirror: Room, upstream: FakeUpstream
) -> None:
    await mirror.presence.enter("window", BOB)
    await mirror.invite(INVITATION)
    assert INVITATION not in upstream.sent
    await mirror.presence.receive(Presence(room="m1", node=ELSEWHERE, members=[BOB]))
    await mirror.invite(INVITATION)
    assert upstream.sent[-1] == INVITATION


# What is kept of the room ---------------------------------------------------------------------------------------------


async def test_the_address_where_the_home_answered_comes_first_and_only_some_are_remembered(
    mirror: Room, published: Journal
) -> None:
    for number in range(12):
        await mirror.kept.remember_address(f"192.0.2.{number}:1")
    await mirror.kept.remember_address("192.0.2.9:1")
    assert mirror.record.addresses == tuple(f"192.0.2.{number}:1" for number in (9, 11, 10, 8, 7, 6, 5, 4))
    assert mirror.record in await published.rooms()


async def test_a_term_only_rises(mirror: Room, published: Journal) -> None:
    for term in (4, 2, 4):
        await mirror.kept.raise_term(term)
    assert (mirror.term, mirror.record in await published.rooms()) == (4, True)


async def test_what_is_past_only_grows(mirror: Room) -> None:
    for seq in (7, 3):
        mirror.skip_past(seq)
    assert mirror.past == 7
