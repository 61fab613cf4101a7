"""Which node somebody wants who begins with TLS, while what they have sent stays there to be read."""

import asyncio
import socket
import ssl

from lanchat.lan.connection import node_named

MOST = 8_192
"""Bytes that a hello of TLS may have here."""
_LOOKS = 50
_LOOK_AGAIN = 0.02


async def wanted_node(connection: socket.socket) -> str:
    """Return the id of the node that a hello of TLS names (RFC 6066, section 3); empty where it names none.

    Args:
        connection: does not block, and has something to be read.

    Raises:
        OSError: the connection is broken.
    """
    for _ in range(_LOOKS):
        begin = connection.recv(MOST, socket.MSG_PEEK)
        name = name_in(begin)
        if name is not None or len(begin) >= MOST or not begin:
            return node_named(name or "")
        await asyncio.sleep(_LOOK_AGAIN)
    return ""


def name_in(hello: bytes) -> str | None:
    """Return the name in the beginning of a connection; empty where there is none, None where more has to come.

    OpenSSL reads it, as it would to answer.
    """
    named: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _, name, __: named.append(name or "")
    incoming = ssl.MemoryBIO()
    incoming.write(hello)
    answering = context.wrap_bio(incoming, ssl.MemoryBIO(), server_side=True)
    try:
        answering.do_handshake()
    except ssl.SSLWantReadError:
        return None
    except ssl.SSLError:  # it has no certificate to answer with
        pass
    return next(iter(named), "")
