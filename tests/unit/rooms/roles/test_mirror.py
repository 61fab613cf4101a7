from lanchat.journal import Journal, Kept
from lanchat.protocol import Invite, Notification, RoomRef, Typing
from lanchat.rooms.roles import Mirror
from tests.support.conditions import eventually
from tests.support.rooms.members import FakeUpstream
from tests.support.rooms.said import ADA, BOB, ELSEWHERE, HERE, THERE, draft, event

COME = Invite(room="m1", to=BOB.id, into=RoomRef(id="r2", name="Desk"), author=ADA)


async def test_a_post_waits_in_the_outbox_and_the_link_is_asked_to_send_it(
    published: Journal, upstream: FakeUpstream
) -> None:
    said = draft(room="m1")
    waiting = Mirror("m1", published, upstream).post(said)
    assert upstream.flushed == 0, "nothing is sent before it is on the disk"
    assert await waiting is None
    await eventually(lambda: upstream.flushed == 1)
    assert [item for _, item in await published.outbox("m1")] == [said]


async def test_a_post_that_the_home_has_numbered_gives_its_event(published: Journal, upstream: FakeUpstream) -> None:
    known = event(1, room="m1", nonce="n")
    await published.mirror("m1", [known])
    assert await Mirror("m1", published, upstream).post(draft(room="m1", nonce="n")) == Kept(known, fresh=False)


async def test_it_stands_as_its_link_does(published: Journal, upstream: FakeUpstream) -> None:
    mirror = Mirror("m1", published, upstream)
    await published.mirror("m1", [event(1, room="m1"), event(2, room="m1")])
    upstream.fetching = 7
    assert (mirror.kind, mirror.online, mirror.fetching, mirror.copied) == ("mirror", True, 7, 2)
    upstream.online = False
    assert not mirror.online


async def test_what_is_not_kept_goes_home_and_the_home_alone_announces(
    published: Journal, upstream: FakeUpstream
) -> None:
    mirror = Mirror("m1", published, upstream)
    typing = Typing(room="m1", author=ADA, node=HERE.id)
    mirror.send_home(typing)
    await mirror.pass_on(COME, [])
    await mirror.pass_on(COME, [THERE, ELSEWHERE])
    await mirror.announce(Notification(kind="announcement", author=ADA, at=1, text="Lunch"))
    assert upstream.sent == [typing, COME]


async def test_its_end_is_the_end_of_the_link(published: Journal, upstream: FakeUpstream) -> None:
    await Mirror("m1", published, upstream).close()
    assert upstream.closed
