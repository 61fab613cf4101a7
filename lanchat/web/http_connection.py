"""One connection of aiohttp's server, which refuses in our words what is no HTTP request.

aiohttp answers a request that it cannot read before any middleware: it repeats what was wrong with it, without the
headers that every answer of ours has, and writes a traceback for each.
"""

import asyncio

from aiohttp import http_exceptions, web

from lanchat.errors import MalformedRequest
from lanchat.web.guard import SECURITY_HEADERS, refusal

_LINGERING = 2.0
_BAD_REQUEST = 400
_ERROR = 500
_THEIRS = (http_exceptions.HttpProcessingError, web.RequestPayloadError)


class HttpConnection(web.RequestHandler):
    """Reads the requests of one connection. Bodies stay as they were sent: nothing is decompressed (see `guard`).

    Args:
        server: whose app answers.
        idle: seconds after which it is closed when no whole request has come.
    """

    __slots__ = ()

    def __init__(self, server: web.Server, idle: float) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=idle,
            lingering_time=_LINGERING,
            access_log=None,  # type: ignore[arg-type] # what AppRunner passes on for no log
            auto_decompress=False,
        )

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = _ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read, or what went wrong here; the connection ends with it.

        Raises:
            ConnectionError: a part of another answer was sent already.
        """
        response = super().handle_error(request, status, exc, message)
        if status < _ERROR or isinstance(exc, _THEIRS):
            response = refusal(MalformedRequest(), _BAD_REQUEST)
            response.force_close()
        response.headers.update(SECURITY_HEADERS)
        return response

    def log_exception(self, *args: object, **more: object) -> None:
        """Write a line for what a client did wrong, and a traceback for what we did."""
        error = more.get("exc_info")
        if isinstance(error, _THEIRS):
            self.logger.info("A client of %s sent no HTTP: %r", self.peername, str(error))
        else:
            super().log_exception(*args, **more)
