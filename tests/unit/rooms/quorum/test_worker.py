import asyncio

from lanchat.rooms.quorum.worker import Worker
from tests.support.conditions import eventually


async def test_one_step_after_the_other_and_none_behind_one_that_fails() -> None:
    done: list[str] = []
    failures: list[Exception] = []
    worker = Worker(failures.append)

    async def step(name: str) -> None:
        await asyncio.sleep(0)
        done.append(name)

    async def fail() -> None:
        raise OSError("full")

    for name in "abc":
        worker.do(lambda name=name: step(name))  # type: ignore[misc]
    worker.do(fail)
    worker.do(lambda: step("dropped"))
    await eventually(lambda: failures)
    assert done == ["a", "b", "c"]
    worker.do(lambda: step("d"))
    await eventually(lambda: done[-1] == "d")
    worker.do(lambda: step("never"))
    await worker.close()
    assert done[-1] == "d"
