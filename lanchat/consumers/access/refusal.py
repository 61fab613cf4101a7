"""Answering a connection with no, before anything of it is handled."""

from http import HTTPStatus

from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope


async def refuse(
    scope: Scope, receive: AsgiReceive, send: AsgiSend, *, status: int = 403, close_code: int | None = None
) -> None:
    """Refuse a connection.

    Args:
        scope: of the connection.
        receive: gives its events.
        send: takes the answer.
        status: of the answer to an HTTP request. A WebSocket's handshake is always refused with 403: ASGI has no other.
        close_code: accept a WebSocket and close it at once with this code, which a page can read, as it cannot read
            why a handshake was refused; None to refuse the handshake.

    Raises:
        ValueError: it is neither an HTTP request nor a WebSocket.
    """
    if scope["type"] == "websocket":
        if (await receive())["type"] != "websocket.connect":
            return
        if close_code is not None:
            await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": close_code or 1000})
    elif scope["type"] == "http":
        body = f"{HTTPStatus(status).phrase}\n".encode()
        length = str(len(body)).encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
    else:
        raise ValueError(f"Only HTTP requests and WebSockets can be refused, not {scope['type']!r}.")
