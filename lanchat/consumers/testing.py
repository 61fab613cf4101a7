"""Talking to a consumer, or any ASGI app, from a test, without a server (https://asgi.readthedocs.io)."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from lanchat.consumers.base import AsgiApp, AsyncConsumer
from lanchat.consumers.life import spare_transactions
from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope

App = type[AsyncConsumer] | AsyncConsumer | AsgiApp | Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[Any]]
"""What can be talked to: a consumer class, a consumer, or any ASGI app."""

_QUICK, _SOON = 0.1, 1.0
_SHOWN = 5


class ApplicationCommunicator:
    """One connection to an app, event by event. It begins with the first event, and ends with `stop` or `async with`.

    What the app raises is raised here, by the next call that waits for something; of a consumer also what it would only
    have logged.

    Args:
        app: what is tested. A consumer class or `as_asgi()` makes a new consumer.
        scope: what the app gets to know of the connection; it can be changed until the first event.

    Attributes:
        scope: the same.
    """

    def __init__(self, app: App, scope: Scope) -> None:
        self.scope = scope
        spare_transactions()
        self._errors: deque[Exception] = deque()
        self._app = self._watched(app)
        self._input: asyncio.Queue[AsgiEvent] = asyncio.Queue()
        self._output: deque[AsgiEvent] = deque()
        self._changed = asyncio.Event()
        self._came: deque[AsgiEvent] = deque(maxlen=_SHOWN)
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(exceptions=error is None)

    async def send_input(self, event: AsgiEvent) -> None:
        """Return the app an event."""
        self._start()
        self._input.put_nowait(event)

    async def receive_output(self, timeout: float = _SOON) -> AsgiEvent:  # noqa: ASYNC109 - the name everybody knows
        """Wait for an event of the app.

        Raises:
            TimeoutError: none came in time, or none will ever come; its text lists what came before.
            Exception: whatever the app has raised.
        """
        await self._wait_for_change(timeout)
        if self._output:
            return self._output.popleft()
        why = "the app has ended" if self._start().done() else f"nothing came within {timeout:g} s"
        raise TimeoutError(f"There is no event to receive: {why}; the last that came: {list(self._came)}.")

    async def receive_nothing(self, timeout: float = _QUICK) -> bool:  # noqa: ASYNC109
        """Whether the app sends nothing for so long. What came instead can still be received."""
        await self._wait_for_change(timeout)
        return not self._output

    async def wait(self, timeout: float = _SOON) -> None:  # noqa: ASYNC109
        """Wait until the app has ended.

        Raises:
            TimeoutError: it did not in time, and was cancelled; its text lists what came before.
            Exception: whatever the app has raised.
        """
        running = self._start()
        await asyncio.wait({running}, timeout=timeout)
        if not running.done():
            await self.stop()
            raise TimeoutError(f"The app has not ended within {timeout:g} s; the last that came: {list(self._came)}.")
        self._raise_what_failed()

    async def stop(self, exceptions: bool = True) -> None:
        """End the app, if it has not ended yet; with `exceptions`, raise what it has raised."""
        if self._running is None:
            return
        self._running.cancel()
        await asyncio.wait({self._running})
        if exceptions:
            self._raise_what_failed()

    async def _expect(self, *wanted: str, timeout: float) -> AsgiEvent:  # noqa: ASYNC109
        event = await self.receive_output(timeout)
        if event["type"] not in wanted:
            raise AssertionError(f"The app should have sent {' or '.join(wanted)}; it sent {event}.")
        return event

    async def _wait_for_change(self, timeout: float) -> None:  # noqa: ASYNC109
        running = self._start()
        if not self._output and not self._errors:
            self._changed.clear()
            changed = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait({changed, running}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
        self._raise_what_failed()

    def _start(self) -> asyncio.Task[None]:
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())
        return self._running

    async def _run(self) -> None:
        try:
            await self._app(self.scope, self._input.get, self._take)
        except Exception as error:  # noqa: BLE001 - raised again where the test can see it
            self._errors.append(error)

    async def _take(self, event: AsgiEvent) -> None:
        self._came.append(event)
        self._output.append(event)
        self._changed.set()

    def _raise_what_failed(self) -> None:
        if self._errors:
            raise self._errors.popleft()

    def _watched(self, app: App) -> Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[Any]]:
        consumer = app() if isinstance(app, type) else app.new_consumer() if isinstance(app, AsgiApp) else app
        if isinstance(consumer, AsyncConsumer):
            consumer.handler_failed = self._fail  # type: ignore[method-assign]
        return consumer

    def _fail(self, error: Exception, where: str) -> None:
        """Take what a consumer would have logged."""
        error.add_note(f"This happened on {where}; outside a test it is logged.")
        self._errors.append(error)
        self._changed.set()


class WebsocketCommunicator(ApplicationCommunicator):
    """A WebSocket client.

    Args:
        app: as for ApplicationCommunicator.
        path: path, and query string behind a question mark.
        headers: headers of the handshake.
        subprotocols: what the client offers.
        spec_version: of ASGI's WebSocket part, for apps that look at it.

    Attributes:
        response_headers: headers of the answer to the handshake; None before `connect`.
    """

    def __init__(
        self,
        app: App,
        path: str,
        headers: Iterable[tuple[bytes, bytes]] | None = None,
        subprotocols: Sequence[str] | None = None,
        spec_version: str | None = None,
    ) -> None:
        scope = _scope("websocket", path, headers, spec_version)
        super().__init__(app, {**scope, "scheme": "ws", "subprotocols": list(subprotocols or ())})
        self.response_headers: list[tuple[bytes, bytes]] | None = None

    async def connect(self, timeout: float = _SOON) -> tuple[bool, str | int | None]:  # noqa: ASYNC109
        """Shake hands: True and the subprotocol that was chosen, or False and the close code.

        Raises:
            TimeoutError: the app has not answered in time.
            AssertionError: it answered with something else.
        """
        await self.send_input({"type": "websocket.connect"})
        event = await self._expect("websocket.accept", "websocket.close", timeout=timeout)
        if event["type"] == "websocket.close":
            return False, event.get("code", 1000)
        self.response_headers = [(name, value) for name, value in event.get("headers") or ()]
        return True, event.get("subprotocol")

    async def send_to(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send the app one message. Raises ValueError unless it is given text or bytes, and not both."""
        if (text_data is None) == (bytes_data is None):
            raise ValueError("send_to needs text_data or bytes_data")
        data = {"text": text_data} if text_data is not None else {"bytes": bytes_data}
        await self.send_input({"type": "websocket.receive", **data})

    async def send_json_to(self, data: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Send the app one value as JSON."""
        await self.send_to(json.dumps(data))

    async def receive_from(self, timeout: float = _SOON) -> str | bytes:  # noqa: ASYNC109
        """Wait for one message of the app.

        Raises:
            TimeoutError: none came in time.
            AssertionError: something else came, for example the close of the connection.
        """
        event = await self._expect("websocket.send", timeout=timeout)
        text = event.get("text")
        data: str | bytes = event["bytes"] if text is None else text
        return data

    async def receive_json_from(self, timeout: float = _SOON) -> Any:  # noqa: ASYNC109, ANN401
        """Wait for one message of the app, and decode it. Raises as `receive_from`, and ValueError for no JSON."""
        return json.loads(await self.receive_from(timeout))

    async def disconnect(self, code: int = 1000, timeout: float = _SOON) -> None:  # noqa: ASYNC109
        """Leave, and wait until the app has ended. Raises as `wait`."""
        await self.send_input({"type": "websocket.disconnect", "code": code})
        await self.wait(timeout)


class HttpCommunicator(ApplicationCommunicator):
    """An HTTP client with one request.

    Args:
        app: as for ApplicationCommunicator.
        method: GET, POST …
        path: path, and query string behind a question mark.
        body: body of the request.
        headers: headers of the request.
    """

    def __init__(
        self,
        app: App,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Iterable[tuple[bytes, bytes]] | None = None,
    ) -> None:
        super().__init__(app, {**_scope("http", path, headers, None), "scheme": "http", "method": method.upper()})
        self._body = body

    async def get_response(self, timeout: float = _SOON) -> dict[str, Any]:  # noqa: ASYNC109
        """Send the request, and give `status`, `headers` and `body` of the answer.

        Raises:
            TimeoutError: it did not come in time.
            AssertionError: the app sent something else.
        """
        await self.send_input({"type": "http.request", "body": self._body, "more_body": False})
        head = await self._expect("http.response.start", timeout=timeout)
        body = b""
        more = True
        while more:
            part = await self._expect("http.response.body", timeout=timeout)
            body += part.get("body", b"")
            more = part.get("more_body", False)
        await self.send_input({"type": "http.disconnect"})
        await self.wait(timeout)
        return {"status": head["status"], "headers": list(head.get("headers", ())), "body": body}


def _scope(
    kind: str, path: str, headers: Iterable[tuple[bytes, bytes]] | None, spec_version: str | None
) -> dict[str, Any]:
    path, _, query = path.partition("?")
    return {
        "type": kind,
        "asgi": {"version": "3.0"} | ({"spec_version": spec_version} if spec_version else {}),
        "http_version": "1.1",
        "path": unquote(path),
        "raw_path": path.encode("ascii", "replace"),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(bytes(name).lower(), bytes(value)) for name, value in headers or ()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
