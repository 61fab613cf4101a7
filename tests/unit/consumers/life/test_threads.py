"""Where plain functions run, and Django's connections between them."""

import asyncio
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from lanchat.consumers.life.threads import close_old_connections, in_thread, spare_transactions, uses_django

HERE = SimpleNamespace(thread_sensitive=True)
ANYWHERE = SimpleNamespace(thread_sensitive=False)


def test_channels_own_closing_is_told_of_transactions_where_django_is(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs: Any = SimpleNamespace(close_old_connections=print)
    monkeypatch.setitem(sys.modules, "channels.db", theirs)
    monkeypatch.delitem(sys.modules, "django.db", raising=False)
    spare_transactions()
    assert theirs.close_old_connections is print
    closed: list[str] = []

    def connection(name: str, *, atomic: bool) -> SimpleNamespace:
        return SimpleNamespace(in_atomic_block=atomic, close_if_unusable_or_obsolete=lambda: closed.append(name))

    both = [connection("old", atomic=False), connection("in a transaction", atomic=True)]
    connections = SimpleNamespace(all=lambda initialized_only: both)
    monkeypatch.setitem(sys.modules, "django.db", SimpleNamespace(connections=connections))
    monkeypatch.setitem(sys.modules, "django.conf", SimpleNamespace(settings=SimpleNamespace(configured=True)))
    spare_transactions()
    theirs.close_old_connections()
    assert closed == ["old"]


@pytest.mark.parametrize("consumer", [HERE, ANYWHERE])
async def test_a_function_runs_in_a_thread_from_which_the_loop_is_reached(consumer: SimpleNamespace) -> None:
    async def loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def work(given: object, *, more: int) -> object:
        assert threading.current_thread() is not threading.main_thread()
        return given, more, async_to_sync(loop)()

    assert await in_thread(work, consumer, more=7) == (consumer, 7, asyncio.get_running_loop())


async def test_what_is_sensitive_to_threads_runs_in_one() -> None:
    def where(_: object) -> threading.Thread:
        return threading.current_thread()

    assert await in_thread(where, HERE) is await in_thread(where, HERE)


async def test_what_a_function_raises_is_raised() -> None:
    def fall(_: object) -> None:
        raise RuntimeError("fell")

    with pytest.raises(RuntimeError, match="fell"):
        await in_thread(fall, HERE)


async def test_who_is_cancelled_waits_for_the_thread() -> None:
    entered, gate, done = threading.Event(), threading.Event(), list[str]()

    def work(_: object) -> None:
        entered.set()
        assert gate.wait(60)
        done.append("done")

    running = asyncio.create_task(in_thread(work, HERE))
    await asyncio.to_thread(entered.wait)
    running.cancel()
    await asyncio.sleep(0)
    assert not running.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert done == ["done"]


async def test_where_django_is_each_call_closes_old_connections_of_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[threading.Thread] = []
    old = SimpleNamespace(
        in_atomic_block=False, close_if_unusable_or_obsolete=lambda: closed.append(threading.current_thread())
    )
    django = SimpleNamespace(connections=SimpleNamespace(all=lambda initialized_only: [old]))
    conf = SimpleNamespace(settings=SimpleNamespace(configured=False))
    monkeypatch.setitem(sys.modules, "django.db", django)
    monkeypatch.setitem(sys.modules, "django.conf", conf)
    await close_old_connections()
    assert (uses_django(), closed) == (False, [])
    conf.settings.configured = True
    assert uses_django()
    assert await in_thread(lambda _: len(closed), HERE) == 1
    assert len(closed) == 2
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda _: 1 / 0, HERE)
    assert len(closed) == 4
    await close_old_connections()
    assert len(set(closed)) == 1
    assert threading.main_thread() not in closed
    old.in_atomic_block = True
    await close_old_connections()
    assert len(closed) == 5
