import asyncio

from lanchat.journal import Kept
from lanchat.rooms.quorum.waiting.answers import Answers
from tests.support.rooms.said import event


def numbered(place: int) -> asyncio.Future[Kept]:
    done: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
    done.set_result(Kept(event(max(1, place)), fresh=True, place=place))
    return done


async def test_a_post_is_answered_when_it_is_acknowledged_and_not_before() -> None:
    answers = Answers()
    at_once, first, second = (answers.to(numbered(place)) for place in (0, 1, 2))
    await asyncio.sleep(0)
    assert [each.done() for each in (at_once, first, second)] == [True, False, False]
    answers.reach(1)
    assert first.result() == Kept(event(1), fresh=True)
    assert not second.done()
    answers.hold()
    assert second.result() is None


async def test_what_is_acknowledged_before_it_is_asked_for_is_answered_at_once() -> None:
    answers = Answers()
    answers.reach(5)
    answer = answers.to(numbered(3))
    await asyncio.sleep(0)
    assert answer.result() == Kept(event(3), fresh=True)
    assert answers.reached == 5


async def test_what_cannot_be_kept_is_refused() -> None:
    failed: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
    answer = Answers().to(failed)
    failed.set_exception(OSError("full"))
    await asyncio.wait({answer})
    assert isinstance(answer.exception(), OSError)
