import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lanchat.errors import JournalFailed, LanchatError, NoSuchRoom
from lanchat.journal import rooms
from lanchat.journal.schema import open_writer
from lanchat.journal.transaction import Transaction
from lanchat.journal.writer import Writer


class Told:
    def __init__(self) -> None:
        self.transactions: list[Transaction] = []
        self.wrong: Exception | None = None

    async def __call__(self, transaction: Transaction) -> None:
        self.transactions.append(transaction)
        if self.wrong:
            raise self.wrong


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def failed() -> list[LanchatError]:
    return []


@pytest.fixture
async def writer(told: Told, failed: list[LanchatError]) -> AsyncIterator[Writer]:
    with ThreadPoolExecutor(1) as thread:
        connection = await asyncio.wrap_future(thread.submit(open_writer, Path(":memory:")))
        writer = Writer(connection, thread, told, failed.append)
        yield writer
        await writer.close()
        await asyncio.wrap_future(thread.submit(connection.close))


def put(key: str) -> Callable[[Transaction], None]:
    return lambda transaction: rooms.put_setting(transaction.connection, key, "x")


def keys(transaction: Transaction) -> list[str]:
    return list(rooms.settings(transaction.connection))


def fail(transaction: Transaction) -> None:
    raise NoSuchRoom


def burst(transaction: Transaction) -> None:
    transaction.connection.execute("INSERT INTO setting VALUES ('k', NULL)")


async def test_work_is_done_in_the_order_of_the_calls(writer: Writer) -> None:
    work: list[Callable[[Transaction], None]] = [put(f"{number}") for number in range(9)]
    await asyncio.gather(*map(writer.write, work))
    assert await writer.write(keys) == [f"{number}" for number in range(9)]


async def test_one_who_is_refused_and_one_who_fails_do_not_hold_up_the_others(
    writer: Writer, failed: list[LanchatError]
) -> None:
    results = await asyncio.gather(
        *(writer.write(work) for work in (put("a"), fail, burst, put("b"))), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), NoSuchRoom, JournalFailed, type(None)]
    assert await writer.write(keys) == ["a", "b"]
    assert [type(error) for error in failed] == [NoSuchRoom, JournalFailed]


async def test_a_commit_that_cannot_be_told_is_a_commit(
    writer: Writer, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    told.wrong = ZeroDivisionError()
    await writer.write(put("a"))
    assert "kept but not told" in caplog.text
    assert len(told.transactions) == 1


async def test_a_closed_writer_says_so(writer: Writer) -> None:
    last = writer.write(put("a"))
    await writer.close()
    assert last.done()
    with pytest.raises(JournalFailed, match="closed"):
        await writer.write(put("b"))
