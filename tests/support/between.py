"""Who stands between two nodes: answers in the place of one, speaks to it like the other, and reads what is said."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lanchat.identity import NodeCertificate
from lanchat.lan.connection import dialling_context
from tests.support.certificates import answering_as


class Between:
    """Somebody in the middle, with a certificate of their own.

    Attributes:
        port: where they answer on 127.0.0.1.
        met: how many have connected.
        read: everything that was said by those who connected, in clear.
    """

    def __init__(self) -> None:
        self.port = 0
        self.met = 0
        self.read = bytearray()


@asynccontextmanager
async def between(port: int) -> AsyncIterator[Between]:
    """Stand between others and the node whose room app listens at a port of 127.0.0.1."""
    middle, running = Between(), set[asyncio.Task[None]]()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, into: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                into.extend(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        middle.met += 1
        there, back = await asyncio.open_connection("127.0.0.1", port, ssl=dialling_context())
        ways = (pass_on(reader, back, middle.read), pass_on(there, writer, bytearray()))
        for way in ways:
            running.add(asyncio.create_task(way))

    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=answering_as(NodeCertificate.new()))
    middle.port = server.sockets[0].getsockname()[1]
    try:
        yield middle
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()
