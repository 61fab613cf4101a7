"""How a program sees which browsers may use the node of its user, and signs them out."""

from http import HTTPStatus

import aiohttp
import msgspec

from lanchat.errors import Unauthorised, Unreachable
from lanchat.lan.connection import CONNECT
from lanchat.runtime import Running


class OwnWindow(msgspec.Struct, frozen=True):
    """A browser that may use the node without another key.

    Attributes:
        id: by which it is signed out.
        name: what kind of browser it is.
        since, seen: when it was let in, and when it came last: milliseconds since 1970.
        kept: whether it may come back after the node has ended.
    """

    id: str
    name: str
    since: int
    seen: int
    kept: bool


class _SignedOut(msgspec.Struct):
    signed_out: int


async def own_windows(node: Running) -> list[OwnWindow]:
    """Return the browsers that may use a node, the last one first. Raises Unreachable, Unauthorised."""
    return msgspec.json.decode(await _ask(node, "GET", ""), type=list[OwnWindow])


async def sign_out(node: Running, window: str = "") -> int:
    """Sign out the browser of this id, or all of them, and return how many. Raises Unreachable, Unauthorised."""
    answer = await _ask(node, "DELETE", f"/{window}" if window else "")
    return msgspec.json.decode(answer, type=_SignedOut).signed_out


async def _ask(node: Running, method: str, path: str) -> bytes:
    headers = {"Authorization": f"Bearer {node.key}"}
    timeout = aiohttp.ClientTimeout(total=2 * CONNECT, connect=CONNECT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
            session.request(method, f"{node.window}windows{path}", allow_redirects=False) as answer,
        ):
            if answer.status == HTTPStatus.UNAUTHORIZED:
                raise Unauthorised
            if answer.status != HTTPStatus.OK:
                raise Unreachable(f"What answers at {node.window} is no Lanchat.")
            return await answer.read()
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unreachable(f"No Lanchat answers at {node.window}: {str(error) or type(error).__name__}.") from None
