import asyncio
import socket
import ssl
from collections.abc import Iterator

import pytest

from lanchat.lan.connection import dialling_context, server_name
from lanchat.web.between.wanted import MOST, name_in, wanted_node

NODE = "0123456789abcdef" * 2


def hello(name: str | None) -> bytes:
    """How a connection begins that wants this name."""
    outgoing = ssl.MemoryBIO()
    dialling = dialling_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        dialling.do_handshake()
    return outgoing.read()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        yield here, there


@pytest.mark.parametrize(
    ("name", "node"),
    [
        (server_name(NODE), NODE),
        (server_name(""), ""),
        ("desk.local", ""),
        (f"{NODE[:-1]}.lanchat.local", ""),
        (f"x.{NODE}.lanchat.local", ""),
    ],
)
async def test_the_node_that_is_named_is_wanted(
    pair: tuple[socket.socket, socket.socket], name: str | None, node: str
) -> None:
    here, there = pair
    there.sendall(hello(name))
    assert await wanted_node(here) == node


async def test_nothing_is_taken_from_the_connection(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    said = hello(server_name(NODE))
    there.sendall(said)
    await wanted_node(here)
    assert here.recv(65_536) == said


async def test_a_hello_may_come_in_pieces(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    said = hello(server_name(NODE))
    there.sendall(said[:70])
    reading = asyncio.create_task(wanted_node(here))
    await asyncio.sleep(0)
    there.sendall(said[70:])
    assert await reading == NODE


@pytest.mark.parametrize("junk", [b"\x16", b"\x16\x03\x01" + b"\xff" * 400, b"GET / HTTP/1.1\r\n", b"\x16" * MOST])
async def test_what_is_no_hello_names_nobody(pair: tuple[socket.socket, socket.socket], junk: bytes) -> None:
    here, there = pair
    there.sendall(junk)
    assert await wanted_node(here) == ""


def test_more_has_to_come() -> None:
    assert name_in(hello("desk.local")[:100]) is None
    assert name_in(b"") is None
