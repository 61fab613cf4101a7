"""How a client reaches a node: connect, see who answers, say hello, and be welcomed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import aiohttp
import msgspec

from lanchat.errors import InvalidFrame, OtherNode, Unreachable
from lanchat.identity import NodeCertificate, fresh_nonce, prove
from lanchat.lan.connection.address import host_header
from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.secure import Pin, dialling_context, must_be_secure, server_name
from lanchat.protocol import Hello, Prove

CONNECT = 5.0
"""Seconds to wait for a node to answer."""
MAX_REPLY = 272 * 1024
"""Largest frame that is taken, in bytes: nothing that a node makes is over 256 KiB but for its braces."""
_PING = 20.0
_NO_GOODBYE = aiohttp.ClientWSTimeout(ws_close=0.0)
"""We say that we close, and are gone. aiohttp would read until the other side has closed as well, however long that
goes on to say something else: a hostile home kept a link in there for ever, and the event loop busy."""


@asynccontextmanager
async def dial(
    url: str, hello: Hello, *, patience: float = CONNECT, node: str = "", certificate: NodeCertificate | None = None
) -> AsyncIterator[Connection]:
    """Connect to a node, say hello, and give the connection once the node has said welcome.

    Args:
        url: of the node's room app or window's app, as `https://192.0.2.5:28280/`.
        hello: who speaks.
        patience: seconds to wait for the answer.
        node: id of the node that has to answer; empty to take whoever does. With one the URL is https.
        certificate: of the node that speaks, for the hello of a link; then the URL is https.

    Raises:
        Unreachable: nobody answers there, or not as Lanchat does.
        OtherNode: another node answers than the one that has to. Nothing was said to it.
        NotSecure: a node that is known, or a link, was to be dialled without TLS.
        LanchatError: the node refused, for example UnsupportedVersion or Unauthorised.
    """
    if node or certificate is not None:
        must_be_secure(url)
    with closing(Pin(node)) as pin:
        async with _session(pin, patience) as session, await _connect(session, url, patience, node) as websocket:
            connection = Connection(websocket, url, pin.node, pin.fingerprint_there)
            try:
                async with asyncio.timeout(patience):
                    await greet(connection, hello, pin.fingerprint_there, certificate)
            except TimeoutError:
                raise Unreachable(f"Something answers at {url}, but not as Lanchat does.") from None
            if pin.node not in {"", connection.welcome.node.id}:
                raise InvalidFrame(f"What answers at {url} says that it is another node than its certificate does.")
            yield connection


async def greet(
    connection: Connection, hello: Hello, fingerprint: str, certificate: NodeCertificate | None = None
) -> None:
    """Say hello, and where a node speaks, prove to the other side which one it is.

    Args:
        connection: says nothing yet.
        hello: who speaks.
        fingerprint: SHA-256 of the certificate under which the other side answered.
        certificate: of the node that speaks; None when it is no node.

    Raises:
        LanchatError: as `Connection.greet`.
    """
    if certificate is None:
        await connection.greet(hello)
        return
    ours = fresh_nonce()

    def answer(theirs: str) -> Prove:
        der, signature = prove(certificate, fingerprint, hello.room, (ours, theirs))
        return Prove(certificate=der, signature=signature)

    await connection.greet(msgspec.structs.replace(hello, nonce=ours), answer)


def _session(pin: Pin, patience: float) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_to_be_sent_elsewhere)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=pin),
        timeout=aiohttp.ClientTimeout(total=None, connect=patience, sock_connect=patience),
        auto_decompress=False,
        trace_configs=[trace],
    )


async def _connect(
    session: aiohttp.ClientSession, url: str, patience: float, node: str
) -> aiohttp.ClientWebSocketResponse:
    try:
        async with asyncio.timeout(patience):
            return await session.ws_connect(
                url.rstrip("/") + "/ws",
                headers=host_header(url),
                heartbeat=_PING,
                compress=0,
                max_msg_size=MAX_REPLY,
                timeout=_NO_GOODBYE,
                ssl=dialling_context(),
                server_hostname=server_name(node),
            )
    except aiohttp.ServerFingerprintMismatch:
        raise OtherNode(f"Another machine answers at {url}: its key is another.") from None
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise Unreachable(f"No Lanchat answers at {url}: {str(error) or type(error).__name__}.") from None


async def _refuse_to_be_sent_elsewhere(*_: object) -> None:
    raise Unreachable("What answers there is no Lanchat: it sends us elsewhere.")
