"""Few questions among many nodes: what somebody else asks is not asked again, and what nobody answers is doubted.

That is duplicate question suppression and passive observation of failures (RFC 6762, 7.3 and 10.5). zeroconf has the
first only within a second, and the second not at all.
"""

import asyncio
import math
import random
from collections.abc import Callable
from typing import TypeAlias, cast

from zeroconf import (  # type: ignore[attr-defined]
    DNSIncoming,
    DNSOutgoing,
    DNSPointer,
    DNSQuestion,
    Zeroconf,
    current_time_millis,
)

from lanchat.lan.discovery.records import SERVICE
from lanchat.limits import TokenRate

FRESH = 90.0
"""Seconds for which a question that somebody else asked stands for our own."""
BETWEEN = 10.0
"""Seconds between two questions of ours, whatever happens: machines without a turn are lost and back all the time."""
MOST_SKIPPED = 3
"""Times in a row that somebody else's question stands for ours: it may have been sent to us alone, to keep us quiet."""
AGAIN = 10.0
"""Seconds in which nobody asks after an instance that somebody has just asked after."""
PATIENCE = 1.5
"""Seconds that an instance has to answer for itself when somebody asks after it."""
PACE = TokenRate(0.25, 32)
"""How often an instance is doubted because somebody asked after it, and how often we ask after one."""
_MOST_NAMES = 512
_SOON = 0.02
"""Seconds that a question waits, so that not all ask at once; more for each instance that is known (RFC 6762, 5.2)."""
_LONGEST_WAIT = 2.0
_LARGEST = 9_000
_QUERY = 0x0000
_IN, _PTR, _SRV = 1, 12, 33
_OURS = b"\x08_lanchat\x04_tcp"
_SECOND = 1_000.0

_Address: TypeAlias = tuple[str, int] | tuple[str, int, int, int]


class Questions:
    """Asks the network through the sockets of a Zeroconf, and listens to what others ask.

    All methods belong to the event loop.

    Args:
        zeroconf: whose sockets and memory are used.
        on_unanswered: called with the full name of an instance that somebody asked after, and that did not answer.

    Attributes:
        heard: when somebody asked, who knew no more than we do, in seconds of the loop.
    """

    def __init__(self, zeroconf: Zeroconf, on_unanswered: Callable[[str], None]) -> None:
        self.heard = -math.inf
        self._zeroconf = zeroconf
        self._on_unanswered = on_unanswered
        self._skipped = 0
        self._asked = -math.inf
        self._due = -math.inf
        self._since = -math.inf
        self._named: dict[str, float] = {}
        self._full = {"doubts": 0.0, "questions": 0.0}
        self._timers: set[asyncio.TimerHandle] = set()

    def listen(self) -> None:
        """Listen on every socket that there is now; those where we do already are left as they are."""
        for reader in self._zeroconf.engine.readers:
            protocol = reader.transport.get_protocol()
            if not isinstance(protocol, Overhearing):
                listener = cast("asyncio.DatagramProtocol", protocol)
                reader.transport.set_protocol(Overhearing(listener, self._overheard))

    def ask(self, *, anyway: bool = False) -> None:
        """Ask which instances there are, in a moment; not when somebody else does, or has done lately.

        Args:
            anyway: whether it counts for nothing what was asked before.
        """
        now = asyncio.get_running_loop().time()
        self._since = max(self._since, now - (0.0 if anyway else FRESH))
        if self._due > now:
            return
        longest = min(_LONGEST_WAIT, _SOON * (1 + len(self._known())))

        def send() -> None:
            since, self._since = self._since, -math.inf
            if self.heard < since or self._skipped >= MOST_SKIPPED:
                self._ask()
            else:
                self._skipped += 1

        pause = max(random.uniform(_SOON, _SOON + longest), self._asked + BETWEEN - now)
        self._due = now + pause
        self._later(pause, send)

    def wonder(self, instance: str) -> None:
        """Ask after an instance that does not answer us: who does not hear it either will ask its node as well."""
        if self._is_new(instance) and self._may("questions"):
            out = DNSOutgoing(_QUERY)
            out.add_question(DNSQuestion(instance, _SRV, _IN))
            self._zeroconf.async_send(out)

    def close(self) -> None:
        """Ask nothing any more."""
        for timer in self._timers:
            timer.cancel()

    def _ask(self) -> None:
        """Ask, and tell what we know already: nobody answers that again (RFC 6762, 7.1)."""
        now = current_time_millis()
        out = DNSOutgoing(_QUERY)
        out.add_question(DNSQuestion(SERVICE, _PTR, _IN))
        for record in self._known():
            if not record.is_stale(now):
                out.add_answer_at_time(record, now)
        self._asked = self.heard = asyncio.get_running_loop().time()
        self._skipped = 0
        self._zeroconf.async_send(out)

    def _known(self) -> list[DNSPointer]:
        found = self._zeroconf.cache.get_all_by_details(SERVICE, _PTR, _IN)
        return [record for record in found if isinstance(record, DNSPointer)]

    def _overheard(self, packet: DNSIncoming) -> None:
        known = {record.alias.lower() for record in self._known()}
        if any(isinstance(answer, DNSPointer) and answer.alias.lower() not in known for answer in packet.answers()):
            self.heard = -math.inf  # who asks knows more, of which it will be told nothing: we have to ask ourselves
            return
        for question in packet.questions:
            if question.unicast:
                continue  # nobody else hears the answer
            if question.type == _PTR and question.name.lower() == SERVICE:
                self.heard = asyncio.get_running_loop().time()
            elif question.type == _SRV and question.name.endswith(f".{SERVICE}") and self._is_new(question.name):
                self._await_answer(question.name)

    def _await_answer(self, instance: str) -> None:
        since = current_time_millis() - _SECOND  # what was said a second ago is not said again (RFC 6762, 6)

        def look() -> None:
            records = self._zeroconf.cache.get_all_by_details(instance, _SRV, _IN)
            if not any(record.created >= since for record in records) and self._may("doubts"):
                self._on_unanswered(instance)

        self._later(PATIENCE + random.uniform(0.0, 1.0), look)

    def _is_new(self, instance: str) -> bool:
        """Return whether nobody has asked after an instance just now, and note that somebody does."""
        now = asyncio.get_running_loop().time()
        if now - self._named.get(instance, -math.inf) < AGAIN:
            return False
        self._named.pop(instance, None)
        self._named[instance] = now
        if len(self._named) > _MOST_NAMES:
            del self._named[next(iter(self._named))]
        return True

    def _may(self, what: str) -> bool:
        now = asyncio.get_running_loop().time()
        full = PACE.after(self._full[what], now)
        if PACE.wait(full, now):
            return False
        self._full[what] = full
        return True

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(timer)
            work()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)


class Overhearing(asyncio.DatagramProtocol):
    """Passes on to zeroconf what comes in, and what others ask about rooms to somebody else as well.

    Args:
        listener: zeroconf's own protocol.
        on_question: called with each packet of questions about our type of service.
    """

    def __init__(self, listener: asyncio.DatagramProtocol, on_question: Callable[[DNSIncoming], None]) -> None:
        self._listener = listener
        self._on_question = on_question

    def datagram_received(self, data: bytes, addr: _Address) -> None:
        """Take a datagram."""
        self._listener.datagram_received(data, addr)
        if len(data) > _LARGEST or _OURS not in data or data[2:3] >= b"\x80":
            return
        packet = DNSIncoming(data)
        if packet.valid and packet.is_query():
            self._on_question(packet)

    def error_received(self, exc: Exception) -> None:
        """Take an error of the socket."""
        self._listener.error_received(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the socket."""
        self._listener.connection_lost(exc)
