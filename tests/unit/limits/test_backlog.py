import asyncio

from lanchat.errors import DiskFull
from lanchat.limits import Backlog


async def test_who_has_too_much_unanswered_waits_for_an_answer() -> None:
    backlog, loop = Backlog(2), asyncio.get_running_loop()
    answers = [loop.create_future() for _ in range(3)]
    for answer in answers[:2]:
        await asyncio.wait_for(backlog.room(), 60)
        backlog.add(answer)
    waiting = asyncio.create_task(backlog.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    answers[1].set_result(None)
    await asyncio.wait_for(waiting, 60)
    backlog.add(answers[2])
    waiting = asyncio.create_task(backlog.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    answers[0].set_exception(DiskFull())
    await asyncio.wait_for(waiting, 60)
    answers[2].cancel()
    assert isinstance(answers[0].exception(), DiskFull)


async def test_what_is_answered_already_does_not_count() -> None:
    backlog = Backlog(1)
    answer = asyncio.get_running_loop().create_future()
    answer.set_result(None)
    for _ in range(5):
        backlog.add(answer)
        await asyncio.wait_for(backlog.room(), 60)
