"""Ports: the one that was asked for, the next free one, or any; and a clear refusal."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from lanchat.errors import InvalidAddress, PortTaken
from lanchat.web import sockets as sockets_module
from lanchat.web.sockets import UNREAD, listen, port_of

NOT_OURS = "192.0.2.1"
"""Of TEST-NET-1 (RFC 5737): no machine has it."""


@contextlib.contextmanager
def listening(address: str, port: int | None, preferred: int = 0) -> Iterator[list[socket.socket]]:
    sockets = listen(address, port, preferred)
    try:
        yield sockets
    finally:
        for sock in sockets:
            sock.close()


def test_zero_takes_any_free_port() -> None:
    with listening("127.0.0.1", 0) as one, listening("127.0.0.1", 0) as two:
        assert port_of(one) > 0
        assert port_of(one) != port_of(two)


def test_a_port_that_is_taken_is_told() -> None:
    with listening("127.0.0.1", 0) as one:
        port = port_of(one)
        with pytest.raises(PortTaken, match=f"Port {port} is taken by another program"):
            listen("127.0.0.1", port, 0)


def test_a_default_port_that_is_taken_gives_the_next_free_one() -> None:
    with listening("127.0.0.1", 0) as one:
        port = port_of(one)
        with listening("127.0.0.1", None, port) as two:
            assert port < port_of(two) <= port + 20 or port > 65_500
            with listening("127.0.0.1", None, port) as three:
                assert len({port, port_of(two), port_of(three)}) == 3


def test_when_all_near_ones_are_taken_any_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets_module, "_NEXT", 1)
    with listening("127.0.0.1", 0) as one, listening("127.0.0.1", None, port_of(one)) as two:
        assert port_of(two) != port_of(one)


def test_a_preferred_port_that_is_free_is_taken() -> None:
    with listening("127.0.0.1", 0) as one:
        port = port_of(one)
    with listening("127.0.0.1", None, port) as again:
        assert port_of(again) >= port


@pytest.mark.parametrize("address", [NOT_OURS, "2001:db8::1", "no address", "256.1.1.1", "127.0.0.1.evil"])
@pytest.mark.parametrize("port", [0, None])
def test_an_address_of_another_machine_is_told(address: str, port: int | None) -> None:
    with pytest.raises(InvalidAddress, match=f"cannot listen on {address}"):
        listen(address, port, 28_280)


def test_without_an_address_both_families_have_one_port() -> None:
    with listening("", 0) as sockets:
        assert {sock.getsockname()[1] for sock in sockets} == {port_of(sockets)}
        assert sockets[0].family == socket.AF_INET
        with pytest.raises(PortTaken):
            listen("", port_of(sockets), 0)


def test_loopback_of_the_other_family_works_where_there_is_one() -> None:
    if not socket.has_ipv6:
        return
    with contextlib.suppress(InvalidAddress), listening("::1", 0) as sockets:
        assert sockets[0].family == socket.AF_INET6


def test_the_kernel_keeps_little_of_what_was_not_read() -> None:
    with listening("127.0.0.1", 0) as sockets, socket.create_connection(("127.0.0.1", port_of(sockets))) as client:
        sockets[0].setblocking(True)
        accepted, _ = sockets[0].accept()
        client.settimeout(0.2)
        with accepted:
            with pytest.raises(TimeoutError):
                client.sendall(b"x" * 64 * UNREAD)
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 2 * UNREAD
