"""Somebody in the room at one host, who says everything again until it is shown."""

import asyncio
from collections.abc import Sequence
from functools import partial

from lanchat.journal import Draft, Kept
from lanchat.protocol import Author, Body, Event, Kind, Rule, guest_id, write_rule
from tests.model.shared.host import Host
from tests.support.checker import History

_AGAIN = 0.5


class Speaker:
    """A person.

    Args:
        name: of the person; nonces begin with it.
        host: where they are.
        history: where is written down what they do and are told.
        owner: whether the node and the room are theirs; else they are a guest.

    Attributes:
        events: what is shown to them, in its order.
        outbox: what they said and do not see yet, by nonce.
        faults: what was shown to them that must not be.
    """

    def __init__(self, name: str, host: Host, history: History, *, owner: bool) -> None:
        self.name = name
        self.events: list[Event] = []
        self.outbox: dict[str, Draft] = {}
        self.faults: list[str] = []
        self._author = Author(id=host.seal.id if owner else guest_id(name), nick=name)
        self._owner = owner
        self._host = host
        self._history = history
        self._said = 0
        self._clients = 1
        self._renewed = 0
        self._again: asyncio.TimerHandle | None = None
        host.listeners.append(self)

    def say(self, kind: Kind = "message", target: str = "") -> None:
        """Say something, or change what was said."""
        text = f"{self.name} {self._said + 1}" if kind in {"message", "edit"} else ""
        self._post(kind, Body(text=text, target=target, emoji="👍" if kind == "reaction" else ""))

    def rule(self) -> None:
        """Say what the room is about, if it is theirs."""
        if self._owner:
            self._post("rule", Body(text=write_rule(Rule(change="topic", text=f"topic {self._said + 1}"))))

    def say_at(self, host: Host) -> bool:
        """Say what is not shown yet at another host as well, as a guest does who does not know what became of it.

        Returns:
            Whether there was something.
        """
        messages = [draft for draft in self.outbox.values() if draft.kind == "message" and not self._owner]
        for draft in messages:
            self._send(draft, host)
        return bool(messages)

    def say_again(self) -> None:
        """Say everything that is not shown yet."""
        self._again = None
        for draft in tuple(self.outbox.values()):
            self._send(draft, self._host)

    def come_anew(self) -> None:
        """Close the client, and open one that does not know what was said and is not shown yet."""
        self.outbox.clear()
        self._clients += 1

    def take(self, events: Sequence[Event], renewed: int) -> None:
        """Be shown events; after the history was replaced they may take the place of others."""
        first = events[0].seq
        if renewed != self._renewed:
            self._renewed = renewed
            del self.events[first - 1 :]
        if first != len(self.events) + 1:
            self.faults.append(f"{self.name} was shown {first} where {len(self.events) + 1} belongs")
        self.events += events
        for event in events:
            self._settle(event)

    def refused(self, nonce: str) -> None:
        """Hear that a post will never be shown. A change may be refused although it was, where histories part."""
        draft = self.outbox.pop(nonce, None)
        if draft is not None or nonce.startswith(f"{self.name} "):
            self._history.fail(nonce)
            self._history.ok.discard(nonce)
        if draft is not None and draft.kind in {"message", "rule"}:
            self.faults.append(f"{self.name} may not say {nonce!r}")

    async def come_back(self) -> None:
        """Come into the room anew, because the node was started."""
        self.events = await self._host.events()
        self._renewed = 0
        for event in self.events:
            self._settle(event)
        self.say_again()

    def _post(self, kind: Kind, body: Body) -> None:
        self._said += 1
        nonce = f"{self.name} {self._said}"
        # Two clients of one person do not know of each other: what was on its way from the first one may come later.
        self._history.invoke(f"{self.name}, client {self._clients}", nonce)
        draft = Draft(self._host.record.id, nonce, self._author, body, kind)
        self.outbox[nonce] = draft
        self._send(draft, self._host)

    def _send(self, draft: Draft, host: Host) -> None:
        if host.room is not None:
            host.room.post(host.seal.said(draft)).add_done_callback(partial(self._held, draft, host, host.life))

    def _held(
        self, draft: Draft, host: Host, life: int, held: "asyncio.Future[Kept] | asyncio.Future[Kept | None]"
    ) -> None:
        """It is on the disk of a node: a person already said that. A change may still be refused."""
        if held.cancelled() or host.life != life:
            return
        if held.exception() is not None:
            if self._again is None:
                self._again = asyncio.get_running_loop().call_later(_AGAIN, self.say_again)
        elif draft.kind == "message":
            self._history.acknowledge(draft.nonce)

    def _settle(self, event: Event) -> None:
        if self.outbox.pop(event.nonce, None) or event.nonce.startswith(f"{self.name} "):
            self._history.acknowledge(event.nonce)
