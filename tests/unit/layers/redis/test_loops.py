import asyncio
import os
import threading

import pytest

from lanchat.layers.redis.loops import Loops


class Session:
    def __init__(self, made: list["Session"]) -> None:
        self.loop = asyncio.get_running_loop()
        self.closed_in: asyncio.AbstractEventLoop | None = None
        made.append(self)

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed_in = asyncio.get_running_loop()


@pytest.fixture
def made() -> list[Session]:
    return []


@pytest.fixture
def loops(made: list[Session]) -> Loops[Session]:
    return Loops(lambda: Session(made))


async def current(loops: Loops[Session]) -> Session:
    return loops.current()


def test_each_loop_has_its_own_and_it_is_closed_before_the_loop(loops: Loops[Session], made: list[Session]) -> None:
    for _ in range(3):
        asyncio.run(current(loops))
    assert len({id(session.loop) for session in made} | {0}) >= 2
    assert [session.closed_in is session.loop for session in made] == [True] * 3
    assert loops._sessions == {}


async def test_a_loop_keeps_its_own_until_it_is_closed(loops: Loops[Session], made: list[Session]) -> None:
    assert loops.existing() is None
    assert loops.current() is loops.current() is loops.existing()
    await loops.close()
    await loops.close()
    assert made[0].closed_in is asyncio.get_running_loop()
    assert loops.current() is made[1]
    await loops.close()


async def test_close_reaches_the_loops_of_other_threads(loops: Loops[Session], made: list[Session]) -> None:
    ready, end = threading.Event(), threading.Event()

    async def other() -> None:
        loops.current()
        ready.set()
        await asyncio.to_thread(end.wait)

    thread = threading.Thread(target=lambda: asyncio.run(other()))
    thread.start()
    await asyncio.to_thread(ready.wait)
    loops.current()
    await loops.close()
    assert [session.closed_in is session.loop for session in made] == [True, True]
    end.set()
    await asyncio.to_thread(thread.join)


def test_whoever_closes_a_loop_by_hand_closes_what_it_has(loops: Loops[Session], made: list[Session]) -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(current(loops))
    loop.close()
    assert loop.is_closed()
    loop.close()
    assert (made[0].closed_in, loops._sessions) == (loop, {})


def test_a_loop_that_cannot_do_anything_any_more_is_forgotten(loops: Loops[Session], made: list[Session]) -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(current(loops))

    async def beside() -> None:
        loop.close()

    asyncio.run(beside())
    assert loop.is_closed()
    asyncio.run(current(loops))
    assert made[0].closed_in is None
    assert loops._sessions == {}


async def test_what_another_process_has_is_left_alone_after_a_fork(
    loops: Loops[Session], made: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    loops.current()

    async def child() -> None:
        loops.current()
        await loops.close()

    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: -1)
        await asyncio.to_thread(lambda: asyncio.run(child()))
    assert [session.closed_in is not None for session in made] == [False, True]
    for _, guard in loops._elsewhere.values():
        await guard.aclose()


def test_without_a_loop_there_is_none(loops: Loops[Session]) -> None:
    assert loops.existing() is None
    with pytest.raises(RuntimeError):
        loops.current()
