"""What limits and guard take of what is asked of a node: CPU of their part here, against CPU of the whole there."""

import asyncio
import socket
import statistics
import time
from collections.abc import Awaitable, Callable
from unittest.mock import Mock

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from lanchat.limits import Addresses, Flow, Payer, Turnstile
from lanchat.web.guard import Handler, guard
from tests.bench import guests
from tests.bench.doors.polite import newcomer
from tests.bench.product import MORE, product
from tests.bench.programs import Program
from tests.bench.rows import BenchFailed, Row, plain

MOST = 5.0
"""Hundredths: what is to be reached."""
_IN_FLIGHT = 8
_PATIENCE = 30.0
_END = b"\r\n\r\n"
_ADDRESS = "127.0.0.1"


def measure(name: str, *, count: int = 4000) -> list[Row]:
    """Measure a post, a request over a connection that is kept, and one that comes over its own.

    Args:
        name: of the bench.
        count: so many of each.
    """
    with product() as program:
        post = _each(program, count, _posts)
        kept = _each(program, count, _requests)
        alone = _each(program, count, _connections)
    return [
        plain(name, "the limits' share of a post's CPU, 8 in flight", [100 * _counting(count) / post], "%", most=MOST),
        plain(name, "the guard's share of a request's CPU", [100 * _guarding(count) / kept], "%", most=MOST),
        plain(
            name,
            "the guard's and the turnstile's share of a connection with one request",
            [100 * (_guarding(count) + _turning(count)) / alone],
            "%",
            most=MOST,
        ),
    ]


def _each(program: Program, count: int, ask: Callable[[int, int], None]) -> float:
    """Return the seconds of CPU that the node takes for each of what it is asked."""
    ask(program.ready["port"], count // 10)
    used = program.cpu()
    ask(program.ready["port"], count)
    return (program.cpu() - used) / count


def _posts(port: int, count: int) -> None:
    room = guests.open_room(port, f"share {count}")
    with newcomer(port) as member:
        guests.join(room, member)
        for first in range(0, count, _IN_FLIGHT):
            member.send(b"".join(guests.post(room, first + number) for number in range(_IN_FLIGHT)))
            while member.got < first + _IN_FLIGHT:
                member.read()


def _requests(port: int, count: int) -> None:
    with socket.create_connection((_ADDRESS, port), timeout=_PATIENCE) as sock:
        for _ in range(count):
            sock.sendall(_request(port))
            _answer(sock)


def _connections(port: int, count: int) -> None:
    for _ in range(count):
        with socket.create_connection((_ADDRESS, port), timeout=_PATIENCE) as sock:
            sock.sendall(_request(port))
            _answer(sock)


def _request(port: int) -> bytes:
    return f"GET /api/node HTTP/1.1\r\nHost: {_ADDRESS}:{port}\r\n\r\n".encode()


def _answer(sock: socket.socket) -> None:
    data = b""
    while _END not in data:
        data += _more(sock)
    head, _, body = data.partition(_END)
    if not head.startswith(b"HTTP/1.1 200"):
        raise BenchFailed(f"/api/node answers {head[:100]!r}")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += _more(sock)


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(1 << 16)
    if not data:
        raise BenchFailed("The node hung up before its answer.")
    return data


def _counting(count: int) -> float:
    """What counting a post takes."""
    addresses, payer = Addresses(MORE), Payer(_ADDRESS, "somebody")
    flow = Flow(addresses, payer.address)

    def one() -> None:
        now = time.monotonic()
        flow.take(200, now)
        addresses.pay(payer, "post", now, "room")

    return _timed(one, count)


def _guarding(count: int) -> float:
    """What the guard of the room app does with a request before its handler has it."""
    addresses = Addresses(MORE)
    middleware = guard(
        loopback=False,
        own_names=("lanchat-01234567.local",),
        charge=lambda address: addresses.charge_request(address, time.monotonic()),
    )

    answer: asyncio.Future[web.StreamResponse] = Mock()

    def handler(_: web.Request) -> Awaitable[web.StreamResponse]:
        return answer

    transport = Mock()
    transport.get_extra_info = {"peername": (_ADDRESS, 1)}.get

    def timed(handle: Callable[[web.Request, Handler], object]) -> float:
        took = []
        for _ in range(0, count, _IN_FLIGHT):  # few at once: those of a server are as fresh
            requests = [
                make_mocked_request("GET", "/ws/room/general", {"Host": f"{_ADDRESS}:28280"}, transport=transport)
                for _ in range(_IN_FLIGHT)
            ]
            began = time.process_time()
            for request in requests:
                handle(request, handler)
            took.append(time.process_time() - began)
        return statistics.median(took) / _IN_FLIGHT  # what Python collects meanwhile is of the mocks

    return timed(middleware) - timed(lambda _request, _handler: answer)


def _turning(count: int) -> float:
    """What the turnstile does with a connection."""
    turnstile = Turnstile(count, count, Addresses(MORE))

    def one() -> None:
        turnstile.enter(_ADDRESS, time.monotonic())
        turnstile.leave(_ADDRESS)

    return _timed(one, count)


def _timed(one: Callable[[], object], count: int) -> float:
    """Return the seconds of CPU that something takes here, once."""
    began = time.process_time()
    for _ in range(count):
        one()
    return (time.process_time() - began) / count
