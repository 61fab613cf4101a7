"""The first byte of a connection is seen, and stays there."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from lanchat.web.first_byte import TLS, first_byte

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    near, far = socket.socketpair()
    near.setblocking(False)
    yield near, far
    near.close()
    far.close()


async def test_what_is_there_already_is_seen_and_stays(ends: Ends) -> None:
    near, far = ends
    far.send(b"GET /")
    assert await first_byte(near) == b"G"
    assert await first_byte(near) == b"G"
    assert near.recv(10) == b"GET /"


async def test_it_waits_for_the_first_byte(ends: Ends) -> None:
    near, far = ends
    looking = asyncio.create_task(first_byte(near))
    await asyncio.sleep(0)
    assert not looking.done()
    far.send(TLS + b"\x03\x01")
    assert await asyncio.wait_for(looking, 5) == TLS


async def test_who_leaves_without_a_word_has_no_first_byte(ends: Ends) -> None:
    near, far = ends
    looking = asyncio.create_task(first_byte(near))
    far.close()
    assert await asyncio.wait_for(looking, 5) == b""


async def test_nobody_waits_on_after_it_was_given_up(ends: Ends) -> None:
    near, _ = ends
    looking = asyncio.create_task(first_byte(near))
    await asyncio.sleep(0)
    looking.cancel()
    await asyncio.wait({looking})
    assert not asyncio.get_running_loop().remove_reader(near)


async def test_a_loop_without_readers_looks_again(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = ends
    tried = 0

    def none(*_: object) -> None:
        nonlocal tried
        tried += 1
        far.send(b"G")
        raise NotImplementedError

    monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", none)
    assert await asyncio.wait_for(first_byte(near), 5) == b"G"
    assert tried == 1
