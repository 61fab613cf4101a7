from lanchat.journal import Journal, Kept
from lanchat.protocol import Invite, Notification, RoomRef, Typing, Verify
from lanchat.rooms.roles import Home
from tests.support.rooms.said import ADA, BOB, ELSEWHERE, HERE, THERE, draft

LUNCH = Notification(kind="announcement", author=ADA, at=1, text="Lunch")
COME = Invite(room="r1", to=BOB.id, into=RoomRef(id="r2", name="Desk"), author=ADA)


class Links:
    """Writes down what reaches the links, and whose."""

    def __init__(self) -> None:
        self.sent: list[tuple[object, str]] = []

    async def send(self, frame: Invite | Verify | Notification, node: str) -> None:
        self.sent.append((frame, node))


async def test_a_post_is_numbered_at_once(published: Journal) -> None:
    kept = await Home(published, Links().send).post(draft())
    assert isinstance(kept, Kept)
    assert (kept.event.seq, kept.fresh) == (1, True)


async def test_a_home_is_always_there_and_is_no_copy(published: Journal) -> None:
    home = Home(published, Links().send)
    await home.post(draft())
    assert (home.kind, home.online, home.fetching, home.copied) == ("home", True, 0, 0)


async def test_each_node_that_sees_a_person_is_sent_an_invitation_and_every_node_an_announcement(
    published: Journal,
) -> None:
    links = Links()
    home = Home(published, links.send)
    await home.pass_on(COME, [THERE, ELSEWHERE])
    await home.pass_on(COME, [])
    await home.announce(LUNCH)
    home.send_home(Typing(room="r1", author=ADA, node=HERE.id))
    await home.close()
    assert links.sent == [(COME, THERE.id), (COME, ELSEWHERE.id), (LUNCH, "")]
