"""`GET /app`: the program file, for people who have come by a browser and want Lanchat itself.

A node is there for its rooms first. So few get the file at once, one of each address, at a pace that leaves the network
to others, read piece by piece beside the event loop; and who takes it too slowly is cut off.
"""

import asyncio
import base64
from io import BufferedReader

from aiohttp import hdrs, web

from lanchat.consumers import abort
from lanchat.errors import NoProgram, SlowDown
from lanchat.node import Node
from lanchat.rooms import PASSER
from lanchat.web.guard import Handler, refusal
from lanchat.web.sharing.program import ProgramFile

MOST = 2
"""Most people who get the file at once; one of each address."""
RATE = 4_000_000
"""Bytes a second for each of them."""
LONGEST = 600.0
"""Seconds after which a download is cut off."""
_PIECE = 65_536


def download(node: Node, program: ProgramFile) -> Handler:
    """Return the handler. Raises NoProgram as 404, SlowDown as 429."""
    taking: set[str] = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        node.access.check(PASSER, "list")
        address = request.remote or ""
        if address in taking or len(taking) >= MOST:
            return refusal(SlowDown("Others get the program from here just now; try again in a minute."), 429)
        taking.add(address)
        try:
            opened = await program.open()
            if opened is None:
                return refusal(NoProgram(), 404)
            file, described = opened
            digest = base64.b64encode(bytes.fromhex(described.sha256)).decode()
            response = web.StreamResponse(
                headers={
                    hdrs.CONTENT_TYPE: "application/octet-stream",
                    hdrs.CONTENT_LENGTH: str(described.size),
                    hdrs.CONTENT_DISPOSITION: f'attachment; filename="{described.name}"',
                    "Repr-Digest": f"sha-256=:{digest}:",  # RFC 9530
                }
            )
            with file:
                await response.prepare(request)
                try:
                    async with asyncio.timeout(LONGEST):
                        await _send(response, file)
                except (TimeoutError, ConnectionResetError):
                    if request.transport is not None:
                        abort(request.transport)  # less came than was said
            return response
        finally:
            taking.discard(address)

    return answer


async def _send(response: web.StreamResponse, file: BufferedReader) -> None:
    """Send a file at the pace of RATE, and no faster than it is taken."""
    clock = asyncio.get_running_loop().time
    due = clock()
    while piece := await asyncio.to_thread(file.read, _PIECE):
        await response.write(piece)
        due = max(due + len(piece) / RATE, clock())
        await asyncio.sleep(due - clock())
