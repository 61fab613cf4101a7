import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lanchat.errors import JournalFailed, LanchatError, NoSuchRoom
from lanchat.journal import rooms
from lanchat.journal.schema import open_writer
from lanchat.journal.transaction import Transaction
from lanchat.journal.writer import HELD_UP, HeldUp, Spoken, Writer
from tests.support.clock import Clock


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


async def test_what_somebody_says_behind_a_post_that_failed_waits_until_that_comes_again(writer: Writer) -> None:
    def turn(nonce: str, person: str = "ada", room: str = "r1") -> Spoken:
        return Spoken(room, person, nonce)

    both = writer.write(burst, turn("1")), writer.write(put("2"), turn("2"))
    others = writer.write(put("bobr1"), turn("x", "bob")), writer.write(put("adar2"), turn("x", "ada", "r2"))
    results = await asyncio.gather(*both, *others, return_exceptions=True)
    assert [type(result) for result in results] == [JournalFailed, JournalFailed, type(None), type(None)]
    # Also when it comes before its author has heard of it, in a transaction of its own.
    with pytest.raises(JournalFailed):
        await writer.write(put("2"), turn("2"))
    await asyncio.gather(writer.write(put("1"), turn("1")), writer.write(put("2"), turn("2")))
    assert await writer.write(keys) == ["1", "2", "adar2", "bobr1"]


async def test_a_post_that_failed_and_does_not_come_again_holds_up_nothing_for_long(
    writer: Writer, clock: Clock
) -> None:
    with pytest.raises(JournalFailed):
        await writer.write(burst, Spoken("r1", "ada", "1"))
    clock.advance(HELD_UP)
    await writer.write(put("2"), Spoken("r1", "ada", "2"))
    await writer.write(put("3"), Spoken("r1", "ada", "3"))


async def test_a_post_that_was_refused_for_good_holds_up_nothing(writer: Writer) -> None:
    with pytest.raises(NoSuchRoom):
        await writer.write(fail, Spoken("r1", "ada", "1"))
    await writer.write(put("2"), Spoken("r1", "ada", "2"))


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanchat.journal.writer._MOST_FAILED", 2)
    turns = HeldUp()
    for person in "abc":
        turns.fail(Spoken("r1", person, "1"), JournalFailed())
    assert [turns.wait(Spoken("r1", person, "2")) is not None for person in "abc"] == [False, True, True]


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
