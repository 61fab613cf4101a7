"""Counts the WebSockets of both apps: which there were, which are open, and whose reader was too slow."""

from collections.abc import Callable

from aiohttp import web

from lanchat.consumers import SLOW, AsyncWebsocketConsumer
from lanchat.consumers.aiohttp import handler_of, peer_of
from lanchat.limits import Addresses, Flow
from lanchat.metrics import Count
from lanchat.web.guard import Handler


class Watch:
    """Looks at the sockets of a node.

    Args:
        count: counts them.

    Attributes:
        open: how many are open now.
    """

    def __init__(self, count: Count) -> None:
        self.open = 0
        self._count = count

    def handler(
        self, socket: str, make: Callable[[], AsyncWebsocketConsumer], addresses: Addresses | None = None
    ) -> Handler:
        """Return the aiohttp handler that runs one consumer, made by `make`, per connection.

        Args:
            socket: what kind of socket it is, as the numbers call it.
            make: makes a consumer.
            addresses: bounds how fast is read what it sends; None bounds nothing.
        """

        def flow(request: web.Request) -> Flow:
            assert addresses is not None  # noqa: S101 - nobody asks otherwise
            return Flow(addresses, peer_of(request.transport))

        def begun() -> None:
            self.open += 1
            self._count("sockets_opened", label=socket)

        def ended(code: int | None) -> None:
            self.open -= 1
            self._count("sockets_closed", label=socket)
            if code == SLOW:
                self._count("slow_readers_cut_off")

        return handler_of(make, flow=flow if addresses is not None else None, begun=begun, ended=ended)
