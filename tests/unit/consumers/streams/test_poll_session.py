"""One session of long polling: what is acknowledged, and who is too slow."""

import asyncio

import pytest

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope
from lanchat.consumers.streams.poll_session import PollSession
from tests.support.conditions import eventually


class Echo(AsyncWebsocketConsumer):
    code: int | None = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data, bytes_data)

    async def disconnect(self, code: int) -> None:
        Echo.code = code


def session(app: object = None, *, room: int = 3, patience: float = 0.05) -> PollSession:
    return PollSession(app or Echo.as_asgi(), {"type": "websocket"}, room=room, patience=patience)  # type: ignore[arg-type]


async def test_what_was_not_acknowledged_comes_again() -> None:
    one = session()
    assert await one.opened()
    await one.take("a")
    await one.take(b"\xff")
    await eventually(lambda: len(one._lines) == 2)
    both = [{"id": 1, "text": "a"}, {"id": 2, "bytes": "/w=="}]
    assert await one.poll(0, 9) == await one.poll(0, 9) == both
    assert await one.poll(1, 9) == both[1:]
    assert await one.poll(2, 0.01) == []
    assert await one.poll(10**15, 0.01) == []
    await one.end(1001)
    assert (one.over, one.code, Echo.code) == (True, 1001, 1001)
    assert not await one.take("late")


async def test_a_newer_poll_ends_an_older_one() -> None:
    one = session()
    await one.opened()
    older = asyncio.create_task(one.poll(0, 60))
    await eventually(lambda: one.polled)
    newer = asyncio.create_task(one.poll(0, 60))
    assert await older == []
    await one.take("a")
    assert await newer == [{"id": 1, "text": "a"}]
    await one.end(1001)


async def test_a_client_that_takes_nothing_is_ended() -> None:
    one = session()
    await one.opened()
    for _ in range(20):
        await one.take("x")
    await eventually(lambda: one.code == 4008)
    await one.end(1001)
    assert (one.code, one.over) == (4008, True)


async def test_a_consumer_that_takes_nothing_is_not_given_more() -> None:
    async def deaf(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.Event().wait()

    one = session(deaf)
    await one.opened()
    assert [await one.take("x") for _ in range(5)] == [True] * 3 + [False] * 2
    await one.end(1001)


@pytest.mark.parametrize("error", [RuntimeError("broken"), ValueError("bad")])
async def test_a_consumer_that_fails_is_closed_with_1011(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        raise error

    one = session(broken)
    assert not await one.opened()
    assert (one.code, str(error) in caplog.text) == (1011, True)
