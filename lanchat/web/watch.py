"""Counts the WebSockets of both apps, and knows whether they are let go: what there is to know of all of them."""

from collections.abc import Callable

from aiohttp import web

from lanchat.consumers import SLOW, AsyncWebsocketConsumer
from lanchat.consumers.aiohttp import client_of, handler_of
from lanchat.limits import Addresses, Flow
from lanchat.metrics import Count
from lanchat.web.guard import Handler


class Draining:
    """How far a node has come in letting its clients go elsewhere.

    Attributes:
        begun: whether nobody new should come.
        closed: whether nobody is let in any more.
    """

    def __init__(self) -> None:
        self.begun = False
        self.closed = False


class Watch:
    """Looks at the sockets of a node.

    Args:
        count: counts them.

    Attributes:
        open: how many are open now.
        draining: how far the node has come in letting them go elsewhere.
    """

    def __init__(self, count: Count) -> None:
        self.open = 0
        self.draining = Draining()
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
            return Flow(addresses, client_of(request))

        def begun() -> None:
            self.open += 1
            self._count("sockets_opened", label=socket)

        def ended(code: int | None) -> None:
            self.open -= 1
            self._count("sockets_closed", label=socket)
            if code == SLOW:
                self._count("slow_readers_cut_off")

        return handler_of(make, flow=flow if addresses is not None else None, begun=begun, ended=ended)
