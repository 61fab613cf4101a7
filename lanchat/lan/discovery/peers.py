"""Whether the nodes behind the hints are there, and what they answer themselves.

mDNS does not notice a killed host for 19 to 75 minutes. So each node that a hint names is asked over HTTPS every few
seconds; its answer also decides which of its rooms exist and how many people are in them.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Iterable

from lanchat.errors import Unreachable
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.peer import Peer
from lanchat.lan.discovery.probe import TIMEOUT, Answer, Probe
from lanchat.lan.discovery.records import Endpoint

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two questions to a node, give or take a fifth, as long as there are few."""
FEW = 5
SPACING = 4.0
"""Seconds that each node beyond a few adds to that: what all of them cost together stays the same."""
YOUNG = 2
"""Answers without a room after which a node waits its turn among many: whoever has just come has one in a moment."""
RETRY = 1.5
"""Seconds until a node that did not answer is asked again."""
FAILURES = 2
"""Rounds without an answer after which a node counts as gone."""
UNPROVEN = 5
"""Rounds without an answer after which a node that never answered is not asked any more."""
PATIENCE = 200
"""Rounds without an answer after which a node that was there once is not asked any more: ten minutes and more."""

DOUBTS = 4
"""Times that a node is asked, one soon after the other, when somebody says that it goes."""
DOUBT_AGAIN = 5.0
"""Seconds until that is believed of a node again: anybody can say it."""

_LOST = 3.0
"""Seconds until a node that was there and is lost is asked again: a network that was cut in two is whole again."""
_PATIENT = 4
"""Times as long as at first that a node has to answer in the end: one more after each question in vain, as TCP waits
longer for whom it has not heard (RFC 6298, 5.5). A machine that has little time would else do nothing but ask again."""
_BETWEEN = 2.0
"""Seconds from one that does not answer to the next, however many there are: one that is back is enough to ask all."""
_SLOWEST = 15.0
_QUICKEST = 0.2
_DOUBTFUL = 0.25
_HEAD_START = 0.25
"""Seconds that the likeliest address of a node has before the others are tried as well."""
_AT_ONCE = 16


class Peers:
    """Asks the nodes of a set of endpoints, each at its own pace.

    Args:
        probe: how to ask.
        on_change: called when `answer` gives something else for an endpoint.
        on_lost: called with an endpoint that has stopped answering, and whether it is given up for good.
        on_back: called when one that was lost answers again.
        on_answer: called with an answer that is another one than before, and where it was given.
    """

    def __init__(
        self,
        probe: Probe,
        *,
        on_change: Callable[[], None],
        on_lost: Callable[[Endpoint, bool], None],
        on_back: Callable[[], None] = lambda: None,
        on_answer: Callable[[Answer, NodeAddress], None] = lambda *_: None,
    ) -> None:
        self._probe = probe
        self._on_change = on_change
        self._on_lost = on_lost
        self._on_back = on_back
        self._on_answer = on_answer
        self._peers: dict[Endpoint, Peer] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._places = [asyncio.Semaphore(_AT_ONCE) for _ in range(3)]

    def watch(self, endpoints: Iterable[Endpoint]) -> None:
        """Replace the set of endpoints. A node that only moved keeps its answer until the new place is tried."""
        wanted = dict.fromkeys(endpoints)
        left = {endpoint: peer for endpoint, peer in self._peers.items() if endpoint not in wanted}
        moved = {endpoint.node: peer.answer for endpoint, peer in left.items()}
        for endpoint, peer in left.items():
            del self._peers[endpoint]
            self._end(peer)
        for endpoint in wanted:
            if endpoint not in self._peers:
                known = moved.get(endpoint.node)
                peer = Peer(known, there=known is not None, young=YOUNG, doubted=-DOUBT_AGAIN)
                peer.task = asyncio.create_task(self._follow(endpoint, peer))
                self._peers[endpoint] = peer

    def answer(self, endpoint: Endpoint) -> Answer | None:
        """Return the latest answer of a node that is there."""
        peer = self._peers.get(endpoint)
        return None if peer is None else peer.answer

    def answers(self, endpoint: Endpoint) -> bool:
        """Return whether a node has answered at this very endpoint the last time that it was asked."""
        peer = self._peers.get(endpoint)
        return (
            peer is not None
            and peer.address != ""
            and peer.answer is not None
            and (peer.failures == 0 or peer.doubts > 0)
        )

    def in_vain(self, endpoint: Endpoint) -> bool:
        """Return whether a node was asked and has never answered."""
        peer = self._peers.get(endpoint)
        return peer is not None and not peer.there and peer.failures > 0

    def address(self, endpoint: Endpoint) -> str:
        """Return the address that answered last; empty when none has."""
        peer = self._peers.get(endpoint)
        return "" if peer is None else peer.address

    def places(self) -> dict[str, NodeAddress]:
        """Return where each node answers, by its id; where it was found first, if that is at several endpoints."""
        found: dict[str, NodeAddress] = {}
        for endpoint, peer in self._peers.items():
            if self.answers(endpoint):
                found.setdefault(endpoint.node, NodeAddress(peer.address, endpoint.port))
        return found

    def nudge(self, endpoint: Endpoint) -> None:
        """Ask a node again now: there is a sign that it is back, or has something new."""
        peer = self._peers.get(endpoint)
        if peer is not None:
            if peer.there:
                peer.failures = min(peer.failures, FAILURES)
            peer.due.set()

    def suspect(self, node_id: str) -> None:
        """Take a node for gone until it answers again, and ask it now."""
        for endpoint, peer in list(self._peers.items()):
            if endpoint.node == node_id and peer.answer is not None:
                peer.failures = FAILURES
                self._lose(endpoint, peer)
                peer.due.set()

    def doubt(self, endpoint: Endpoint, times: int = DOUBTS) -> None:
        """Ask a node that is there whether it goes: somebody said so. It is asked about the next such word later."""
        if (peer := self._peers.get(endpoint)) is None or peer.answer is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() - peer.doubted >= DOUBT_AGAIN:
            # One question without an answer is enough then.
            peer.doubted, peer.doubts, peer.failures = loop.time(), times, FAILURES - 1
            peer.due.set()
        elif peer.later is None or peer.later.when() <= loop.time():
            peer.later = loop.call_at(peer.doubted + DOUBT_AGAIN, peer.due.set)

    async def close(self) -> None:
        """Ask nobody any more."""
        self.watch(())
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _end(self, peer: Peer) -> None:
        if peer.later is not None:
            peer.later.cancel()
        if peer.task is not None:
            self._ending.add(peer.task)
            peer.task.add_done_callback(self._ending.discard)
            peer.task.cancel()

    async def _follow(self, endpoint: Endpoint, peer: Peer) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            peer.due.clear()
            peer.asked = clock()
            # Whoever has answered does not wait for others, and who is new not for those who were asked in vain.
            async with self._places[0 if peer.there else 1 if not peer.failures else 2]:
                answer = await self._ask(endpoint, peer)
            self._judge(endpoint, peer, answer)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause(peer) * random.uniform(0.8, 1.2)):
                    await peer.due.wait()
            # However many signs come: a stranger cannot make us hammer an address.
            await asyncio.sleep(peer.asked + _QUICKEST - clock())

    def _pause(self, peer: Peer) -> float:
        if peer.doubts:
            return _DOUBTFUL
        if peer.failures == 0:
            if peer.young:
                return EVERY
            answering = sum(other.there and not other.failures for other in self._peers.values())
            return max(EVERY, SPACING * (answering - FEW))
        if peer.failures < FAILURES:
            return RETRY
        least = _LOST if peer.there else min(_SLOWEST, EVERY * 1.25 ** (peer.failures - FAILURES))
        return max(least, _BETWEEN * sum(other.failures >= FAILURES for other in self._peers.values()))

    async def _ask(self, endpoint: Endpoint, peer: Peer) -> Answer | None:
        """One round: the address that answered last, and when that takes long all others beside it (RFC 8305)."""
        first = peer.address or endpoint.addresses[0]
        asked = {asyncio.create_task(self._ask_one(endpoint, first, peer))}
        others = [address for address in endpoint.addresses if address != first]
        answer = None
        try:
            while asked and answer is None:
                done, asked = await asyncio.wait(
                    asked, timeout=_HEAD_START if others else None, return_when=asyncio.FIRST_COMPLETED
                )
                answer = next((task.result() for task in done if task.result() is not None), None)
                if answer is None and others:
                    asked |= {asyncio.create_task(self._ask_one(endpoint, address, peer)) for address in others}
                    others = []
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        return answer

    async def _ask_one(self, endpoint: Endpoint, address: str, peer: Peer) -> Answer | None:
        try:
            patience = TIMEOUT * min(_PATIENT, 1 + peer.failures)
            answer = await self._probe.ask(address, endpoint.port, endpoint.node, patience)
        except Unreachable as error:
            log.debug("%s", error)
            return None
        if peer.address != address:
            peer.address = address
            self._on_change()
        return answer

    def _judge(self, endpoint: Endpoint, peer: Peer, answer: Answer | None) -> None:
        if answer is not None:
            peer.doubts = max(0, peer.doubts - 1)
            peer.young = 0 if answer.rooms else max(0, peer.young - 1)
            if peer.there and peer.failures >= FAILURES:
                self._on_back()
            if peer.failures:
                self._ask_next(peer)
                self._on_change()  # it answers there again
            peer.failures = FAILURES - 1 if peer.doubts else 0
            peer.there = True
            if answer != peer.answer:
                peer.answer = answer
                self._on_answer(answer, NodeAddress(peer.address, endpoint.port))
                self._on_change()
            return
        peer.doubts = 0
        peer.failures += 1
        if peer.answer is not None:
            self._on_change()  # it may be elsewhere
        if peer.failures == FAILURES or _given_up(peer):
            self._lose(endpoint, peer)

    def _ask_next(self, back: Peer) -> None:
        """Ask the one that has waited longest of those who do not answer, now that one of them does again.

        What was cut off is whole again, or machines that were busy have time: then one answer after the other comes,
        each as soon as there is time for it (as TCP is clocked by what is acknowledged: RFC 5681), and else no more.
        """
        silent = [peer for peer in self._peers.values() if peer is not back and peer.failures and not peer.due.is_set()]
        if silent:
            min(silent, key=lambda peer: peer.asked).due.set()

    def _lose(self, endpoint: Endpoint, peer: Peer) -> None:
        known, peer.answer = peer.answer, None
        if peer.there or _given_up(peer):
            self._on_lost(endpoint, _given_up(peer))
        if known is not None:
            self._on_change()


def _given_up(peer: Peer) -> bool:
    """Return whether a node has not answered for so long that it is not asked any more."""
    return peer.failures >= (PATIENCE if peer.there else UNPROVEN)
