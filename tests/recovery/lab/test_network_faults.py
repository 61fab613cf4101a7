"""A fault of the network does what its name says, and nothing of it stays after its block."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.support.faults import lossy, partition


class Echo:
    """A server that sends back each byte, for one connection at a time."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heard = bytearray()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self.client = socket.create_connection(("127.0.0.1", self.port), 5)
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def say(self, byte: bytes, patience: float = 10.0) -> bytes:
        """Send a byte and give the answer; raises TimeoutError."""
        self.client.settimeout(patience)
        self.client.sendall(byte)
        return self.client.recv(1)

    def close(self) -> None:
        self.client.close()
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            while data := connection.recv(1):
                self.heard += data
                connection.sendall(data)


@pytest.fixture
def echo(nothing_left: None) -> Iterator[Echo]:
    echo = Echo()
    yield echo
    echo.close()


@pytest.fixture(autouse=True)
def no_rule_left() -> Iterator[None]:
    yield
    assert subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True).stdout == ""


def test_loss_delays_and_ends(echo: Echo) -> None:
    assert echo.say(b"a") == b"a"
    with suppress(ZeroDivisionError), lossy(50):
        began = time.monotonic()
        assert [echo.say(b"b", 300.0) for _ in range(5)] == [b"b"] * 5
        # A lost packet is sent again after 200 ms at the earliest.
        assert time.monotonic() - began > 0.2
        raise ZeroDivisionError
    assert echo.say(b"c") == b"c"


def test_nothing_gets_through_a_partition(echo: Echo) -> None:
    with partition(echo.port):
        with pytest.raises(TimeoutError):
            echo.say(b"a", 0.5)
        assert echo.heard == b""
        with pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", echo.port), 0.5)
    assert echo.say(b"b") == b"a"
    assert echo.client.recv(1) == b"b"


def test_a_partition_towards_the_client_is_heard_and_not_answered(echo: Echo) -> None:
    with partition(echo.port, towards="client"):
        with pytest.raises(TimeoutError):
            echo.say(b"a", 0.5)
        assert echo.heard == b"a"
    assert echo.say(b"b") == b"a"
    assert echo.client.recv(1) == b"b"


def test_a_partition_towards_the_server_is_not_heard(echo: Echo) -> None:
    with partition(echo.port, towards="server"):
        with pytest.raises(TimeoutError):
            echo.say(b"a", 0.5)
        assert echo.heard == b""
    assert echo.say(b"b") == b"a"
    assert echo.client.recv(1) == b"b"


def test_other_ports_are_not_concerned(echo: Echo) -> None:
    with partition(1):
        assert echo.say(b"a") == b"a"
