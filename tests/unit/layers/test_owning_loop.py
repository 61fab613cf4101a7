import asyncio
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from lanchat.layers import ChannelFull, LayerError
from lanchat.layers import owning_loop as home
from lanchat.layers.owning_loop import OwningLoop
from tests.support.conditions import eventually


def nothing() -> None:
    """What is called when nobody cares."""


async def test_in_its_own_loop_it_is_called_at_once() -> None:
    place, got = OwningLoop(nothing, nothing), list[int]()
    place.call(lambda: got.append(1))  # the first loop is the home
    place.enter()
    place.call(lambda: got.append(2))
    assert got == [1, 2]


async def test_a_thread_gets_what_the_loop_gave_or_raised() -> None:
    place = OwningLoop(nothing, nothing)
    place.enter()
    here = threading.current_thread()
    assert await asyncio.to_thread(place.call, threading.current_thread) is here

    def refuse() -> None:
        raise ChannelFull

    with pytest.raises(ChannelFull):
        await asyncio.to_thread(place.call, refuse)


async def test_another_loop_in_another_thread_hands_over_as_well() -> None:
    place = OwningLoop(nothing, nothing)
    place.enter()
    here = threading.current_thread()

    async def elsewhere() -> Any:
        with pytest.raises(LayerError, match="send_sync"):
            place.enter()
        return place.call(threading.current_thread)

    assert await asyncio.to_thread(lambda: asyncio.run(elsewhere())) is here


def test_without_a_loop_there_is_a_clear_error() -> None:
    place, moved = OwningLoop(lambda: moved.append(1), nothing), list[int]()
    with pytest.raises(LayerError, match="no event loop of this process uses it"):
        place.call(nothing)
    with pytest.raises(RuntimeError):
        place.enter()

    async def once() -> None:
        place.enter()

    asyncio.run(once())
    with pytest.raises(LayerError, match="no event loop of this process uses it"):
        place.call(nothing)
    assert moved == []
    asyncio.run(once())
    assert moved == [1]


def test_a_process_that_was_forked_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    place = OwningLoop(lambda: called.append("moved"), lambda: called.append("forked"))

    async def enter() -> None:
        place.enter()

    async def fork() -> None:
        place.enter()
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: -1)
            with pytest.raises(LayerError, match="no event loop of this process uses it"):
                await asyncio.to_thread(place.call, nothing)
            await asyncio.to_thread(lambda: asyncio.run(enter()))

    asyncio.run(fork())
    assert called == ["forked"]


async def test_a_busy_loop_is_not_waited_for_for_ever_and_does_it_not_later(monkeypatch: pytest.MonkeyPatch) -> None:
    place, done = OwningLoop(nothing, nothing), list[str]()
    place.enter()
    with monkeypatch.context() as patch:
        patch.setattr(home, "_PATIENCE", 0.05)
        thread, refused = _in_thread(lambda: place.call(lambda: done.append("late")))
        thread.join()  # the loop is busy: it waits for the thread
    assert isinstance(refused[0], LayerError)
    place_again, _ = _in_thread(lambda: place.call(lambda: done.append("in time")))
    await eventually(lambda: not place_again.is_alive())
    assert done == ["in time"]


def _in_thread(call: Callable[[], Any]) -> tuple[threading.Thread, list[Exception]]:
    errors: list[Exception] = []

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, errors
