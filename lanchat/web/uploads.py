"""`POST /jobs/{id}`: the file of an import, as the body of the request. Its size was said with the command."""

from collections.abc import AsyncIterator

from aiohttp import ClientError, web

from lanchat.archive import Exchange
from lanchat.errors import JobError, NoSuchJob
from lanchat.web.guard import Handler, refusal

_CHUNK = 256 * 1024


def upload(exchange: Exchange) -> Handler:
    """Return the handler. It answers when the file is whole; the socket reports how the job goes on."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            await exchange.receive(request.match_info["id"], _chunks(request))
        except JobError as error:
            response = refusal(error, 404 if isinstance(error, NoSuchJob) else 400)
            response.force_close()  # the rest of the body is not read
            return response
        return web.Response(status=202)

    return handle


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.content.iter_chunked(_CHUNK):
            yield chunk
    except ClientError as error:
        raise ConnectionResetError("The client is gone.") from error
