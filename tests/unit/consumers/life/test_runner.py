"""Handlers of many consumers run in few tasks, and one that waits holds up nobody else."""

import asyncio
from collections.abc import Callable, Coroutine

from lanchat.consumers.life.runner import Runner, current_runner
from tests.support.conditions import eventually


class Box:
    """An inbox with one thing to do each time."""

    def __init__(self, do: Callable[[], Coroutine[None, None, None]]) -> None:
        self._do = do

    async def drain(self, task: "asyncio.Task[object]") -> None:
        assert task is asyncio.current_task()
        await self._do()


async def test_what_does_not_wait_shares_one_task() -> None:
    runner, tasks = Runner(), set()

    async def note() -> None:
        tasks.add(asyncio.current_task())

    for _ in range(300):
        runner.push(Box(note))
    await eventually(lambda: tasks)
    assert len(tasks) == 1


async def test_one_that_waits_holds_up_nobody_else() -> None:
    runner, gate, done = Runner(), asyncio.Event(), list[str]()

    async def wait() -> None:
        await gate.wait()
        done.append("slow")

    async def pass_by() -> None:
        done.append("quick")

    for do in (wait, pass_by, wait, wait, pass_by):
        runner.push(Box(do))
    await eventually(lambda: done == ["quick", "quick"])
    runner.push(Box(pass_by))
    await eventually(lambda: len(done) == 3)
    gate.set()
    await eventually(lambda: done == ["quick"] * 3 + ["slow"] * 3)


async def test_two_that_answer_each_other_do_not_stop_the_loop() -> None:
    runner = Runner()
    turns = 0

    async def again() -> None:
        nonlocal turns
        turns += 1
        if turns < 1_000_000:
            runner.push(Box(again))

    runner.push(Box(again))
    await eventually(lambda: turns > 3)
    assert turns < 1_000_000
    turns = 1_000_000


async def test_a_cancelled_task_leaves_the_others_their_turn() -> None:
    runner, done = Runner(), list[str]()

    async def fall() -> None:
        raise asyncio.CancelledError

    async def note() -> None:
        done.append("here")

    runner.push(Box(fall))
    runner.push(Box(note))
    await eventually(lambda: done == ["here"])


async def test_each_event_loop_has_its_own() -> None:
    mine = current_runner()
    assert current_runner() is mine
    theirs = await asyncio.to_thread(lambda: asyncio.run(_runner()))
    assert theirs is not mine


async def _runner() -> Runner:
    return current_runner()
