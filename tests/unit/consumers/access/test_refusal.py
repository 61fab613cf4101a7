"""Saying no to a connection."""

import pytest

from lanchat.consumers.access.refusal import refuse
from lanchat.consumers.scope import AsgiEvent, Scope


async def refused(scope: Scope, *events: AsgiEvent, **how: int) -> list[AsgiEvent]:
    waiting, sent = list(events), []

    async def receive() -> AsgiEvent:
        return waiting.pop(0)

    async def send(event: AsgiEvent) -> None:
        sent.append(event)

    await refuse(scope, receive, send, **how)
    return sent


async def test_a_handshake_is_refused() -> None:
    sent = await refused({"type": "websocket"}, {"type": "websocket.connect"})
    assert sent == [{"type": "websocket.close", "code": 1000}]


async def test_a_page_may_be_told_why() -> None:
    sent = await refused({"type": "websocket"}, {"type": "websocket.connect"}, close_code=4401)
    assert sent == [{"type": "websocket.accept"}, {"type": "websocket.close", "code": 4401}]


async def test_who_has_left_is_told_nothing() -> None:
    assert await refused({"type": "websocket"}, {"type": "websocket.disconnect"}) == []


async def test_a_request_is_answered() -> None:
    start, body = await refused({"type": "http"}, status=404)
    assert start["status"] == 404
    assert body["body"] == b"Not Found\n"


async def test_what_is_no_connection_cannot_be_refused() -> None:
    with pytest.raises(ValueError, match="not 'channel'"):
        await refused({"type": "channel"})
