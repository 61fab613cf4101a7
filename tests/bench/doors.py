"""What somebody hostile costs the others: a guest floods each command in turn while twenty polite people go on."""

import contextlib
import json
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from lanchat.limits import Addresses, Flow, Payer
from tests.bench import guests
from tests.bench.crowd import Member
from tests.bench.flooder import ADDRESS, KINDS
from tests.bench.product import MORE, product
from tests.bench.programs import ROOT, Program
from tests.bench.rows import BenchFailed, Row, against, plain

NAME = "doors"
POLITE = 20
TWICE = 2.0
"""Times what a polite post takes without the flood: what is to be reached."""
MOST_MEMORY = 60.0
"""Megabytes that a flood adds: what is to be reached."""
SILENT = 2000
DESCRIPTORS = 1024
COUNTED = 4000
_PACE = 10.0
_CONNECTIONS = 4
_PATIENCE = 30.0


def measure(*, quick: bool = False, kinds: Sequence[str] = tuple(KINDS), scale: float = 1.0) -> list[Row]:
    """Let polite members post at their pace, without and with each flood, and look at the node's memory."""
    rounds, seconds = (3, 2.0 * scale) if quick else (5, 4.0)
    rows = [*_silent(seconds), _share()]
    with product(usual=True) as program, contextlib.closing(Polite(program)) as polite:
        polite.post(seconds)  # a node that has just started is slower
        for kind in kinds:
            alone, beside, before = [], [], program.memory()
            for _ in range(rounds):
                alone.append(polite.post(seconds))
                with _flood(program, kind, seconds):
                    beside.append(polite.post(seconds))
            grown = (program.memory() - before) / 1e6
            what = f"a polite post beside a flood of {kind}"
            late, peers = [_at(each, 99) for each in beside], [_at(each, 99) for each in alone]
            rows += [
                plain(NAME, f"{what}: median", [_at(each, 50) for each in beside], "ms"),
                against(NAME, f"{what}: 99 of 100", late, "ms", peer="alone", peers=peers, most=TWICE),
                plain(NAME, f"memory after floods of {kind}", [grown], "MB", most=MOST_MEMORY),
            ]
    return rows


def _silent(seconds: float) -> list[Row]:
    """Hold as many silent and half-sent connections as we get, against a node with few descriptors."""
    what = f"with {SILENT} silent and half-sent connections, {DESCRIPTORS} descriptors"
    with product(usual=True, descriptors=DESCRIPTORS) as program, contextlib.ExitStack() as stack:
        port, window = program.ready["port"], urlsplit(program.ready["window"]).port
        room = guests.open_room(port, "silent")
        for number in range(SILENT):
            sock = stack.enter_context(socket.socket())
            sock.bind((ADDRESS, 0))
            sock.settimeout(_PATIENCE)
            with contextlib.suppress(OSError):  # refused: there are too many of us
                sock.connect(("127.0.0.1", port))
                if number % 2:
                    sock.sendall(b"GET /ws HTTP/1.1\r\nHost: ")
        began, used = time.perf_counter(), program.cpu()
        guests.join(room, stack.enter_context(_newcomer(port)))
        joined = time.perf_counter() - began
        with socket.create_connection(("127.0.0.1", window or 0), timeout=_PATIENCE) as page:
            page.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{window}\r\n\r\n".encode())
            assert page.recv(1 << 16).startswith(b"HTTP/1.1 200")
        opened = time.perf_counter() - began - joined
        with selectors.DefaultSelector() as nothing:
            nothing.select(seconds)
        busy = 100 * (program.cpu() - used) / (time.perf_counter() - began)
    return [
        plain(NAME, f"{what}: a newcomer joins", [joined], "s", most=2),
        plain(NAME, f"{what}: the owner's page comes", [opened], "s", most=1),
        plain(NAME, f"{what}: CPU of a core", [busy], "%", most=20),
    ]


def _share() -> Row:
    """What counting a post takes, of what the node takes for it: CPU here against CPU there."""
    with product() as program:
        room = guests.open_room(program.ready["port"], "share")
        with _newcomer(program.ready["port"]) as member:
            guests.join(room, member)
            used = program.cpu()
            for first in range(0, COUNTED, 8):
                member.send(b"".join(guests.post(room, first + number) for number in range(8)))
                while member.got < first + 8:
                    member.read()
            whole = (program.cpu() - used) / COUNTED
    addresses, payer = Addresses(MORE), Payer("127.0.0.1", "somebody")
    flow = Flow(addresses, payer.address)
    began = time.process_time()
    for _ in range(COUNTED):
        now = time.monotonic()
        flow.take(200, now)
        addresses.pay(payer, "post", now, room)
    counting = (time.process_time() - began) / COUNTED
    return plain(NAME, "the limits' share of a post's CPU, 8 in flight", [100 * counting / whole], "%", most=5)


class Polite:
    """Members who post now and then, each from an address and in a room of their own."""

    def __init__(self, program: Program) -> None:
        port = program.ready["port"]
        self._selector = selectors.DefaultSelector()
        self._members = [Member(port, guests.PATH, source=f"127.0.1.{number + 1}") for number in range(POLITE)]
        self._rooms = []
        for number, member in enumerate(self._members):
            self._rooms.append(guests.open_room(port, f"polite {number}"))
            guests.join(self._rooms[-1], member)
            self._selector.register(member.socket, selectors.EVENT_READ, number)
        self._sent: list[deque[float]] = [deque() for _ in self._members]

    def post(self, seconds: float) -> list[float]:
        """Post at a pace; gives the milliseconds from each post to its author's own event."""
        took: list[float] = []
        began = time.perf_counter()
        number, whole = 0, int(seconds * _PACE * POLITE)
        while number < whole or any(self._sent):
            now = time.perf_counter()
            if now - began > seconds + _PATIENCE:
                raise BenchFailed(f"Polite posts were not back {_PATIENCE:.0f} s after they were sent.")
            while number < whole and now >= began + number / (_PACE * POLITE):
                self._say(number % POLITE)
                number += 1
            due = began + number / (_PACE * POLITE) if number < whole else now + 1
            for key, _ in self._selector.select(max(0.0, due - time.perf_counter())):
                came = self._members[key.data].read()
                now = time.perf_counter()
                took += [(now - self._sent[key.data].popleft()) * 1e3 for _ in range(came)]
        return took

    def close(self) -> None:
        """Hang up."""
        for member in self._members:
            member.socket.close()
        self._selector.close()

    def _say(self, who: int) -> None:
        member = self._members[who]
        self._sent[who].append(time.perf_counter())
        member.send(guests.post(self._rooms[who], member.got + len(self._sent[who]) - 1))


@contextlib.contextmanager
def _newcomer(port: int) -> Iterator[Member]:
    member = Member(port, guests.PATH, source="127.0.1.1")
    with member.socket:
        yield member


@contextlib.contextmanager
def _flood(program: Program, kind: str, seconds: float) -> Iterator[None]:
    options = [str(program.ready["port"]), kind, str(seconds + 1), str(_CONNECTIONS)]
    flooder = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.flooder", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert flooder.stdout is not None
        flooder.stdout.readline()
        yield
    finally:
        said = flooder.communicate(timeout=_PATIENCE)[0]
    print(f"[{kind}: {json.loads(said)}] ", end="", file=sys.stderr, flush=True)


def _at(values: Sequence[float], place: int) -> float:
    return statistics.quantiles(values, n=100)[place - 1]
