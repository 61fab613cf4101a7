"""What reaches a person in whatever room they are: mentions, invitations and announcements, on a layer of their own."""

import asyncio
import contextlib
import itertools
import logging
import time
from collections import deque
from collections.abc import Awaitable, Iterable, Sequence
from types import TracebackType
from typing import Protocol, Self

from lanchat.errors import LanchatError
from lanchat.layers import BaseChannelLayer, Message
from lanchat.metrics import Count, uncounted
from lanchat.notify.alerts import AlertBook
from lanchat.notify.mentions import Nicks
from lanchat.protocol import MAX_TEXT, Alerts, Author, Event, Notification, RoomRef, decode_reply, encode

_log = logging.getLogger(__name__)

EVERYBODY = "everybody"
"""The layer's group of all nodes: what is sent there reaches everybody who is here."""
AGAIN = 1.0
"""Seconds after which a layer that could not be reached is tried again."""
PATIENCE = 2.0
"""Seconds that a node waits for its layer when it starts, before it goes on without."""
_REMEMBERED = 256


class Recipient(Protocol):
    """A client, as far as notifications go."""

    def send_text(self, payload: bytes) -> None:
        """Take an encoded notification. It must not wait."""


def group_of(person: str) -> str:
    """Return the layer's group of the nodes where the person of this id is."""
    return f"person.{person}"


class Notifications:
    """The people who are connected to this node, and their notifications. Use it with `async with`.

    The node has one channel on the layer. It is in the group `everybody`, and in the group of each person who is here,
    once however many windows they have. Messages are `{"type": "notice", "person": id, "frame": encoded notification}`,
    with an empty `person` for everybody. A notification that comes twice, over two links or two layers, is shown once.
    A layer that cannot be reached is joined as soon as it can be; until then people here miss what others tell them.

    Args:
        layer: carries the notifications; on one that nodes share, it reaches the people of all of them.
        count: counts them.

    Attributes:
        alerts: how people want to be told.
    """

    def __init__(self, layer: BaseChannelLayer, *, count: Count = uncounted) -> None:
        self._layer = layer
        self._count = count
        self._channel = ""
        self._joining: asyncio.Task[None] | None = None
        self.alerts = AlertBook()
        # Hardly anybody has two windows, and a dictionary for each takes twice as much as a tuple.
        self._here: dict[str, tuple[tuple[Recipient, Author], ...]] = {}
        self._seen: deque[tuple[str, bytes]] = deque(maxlen=_REMEMBERED)

    async def __aenter__(self) -> Self:
        """Join the layer, or begin to try. Raises LayerError when that can never be."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._join()
        except TimeoutError:
            self._begin_to_join("it does not answer")
        except LanchatError as error:
            if not error.retry:
                raise
            self._begin_to_join(error)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._joining is not None:
            self._joining.cancel()
            await asyncio.wait({self._joining})
        if self._channel:
            self._layer.detach(self._channel)

    @property
    def joined(self) -> bool:
        """Whether what others send arrives here."""
        return bool(self._channel)

    async def arrive(self, author: Author, recipient: Recipient) -> None:
        """Deliver to `recipient` from now on what is for `author`."""
        known = self._here.get(author.id, ())
        self._here[author.id] = (*known, (recipient, author))
        if not known and self._channel:
            await self._try(self._layer.group_add(group_of(author.id), self._channel))

    def rename(self, author: Author, recipient: Recipient) -> None:
        """Note the new nick of somebody, if they have arrived."""
        if known := self._here.get(author.id):
            self._here[author.id] = tuple((each, author if each == recipient else name) for each, name in known)

    async def leave(self, author: Author, recipient: Recipient) -> None:
        """Deliver nothing to `recipient` any more."""
        known = self._here.get(author.id, ())
        if rest := tuple((each, name) for each, name in known if each != recipient):
            self._here[author.id] = rest
        elif known:
            del self._here[author.id]
            if self._channel:
                await self._try(self._layer.group_discard(group_of(author.id), self._channel))

    def tell(self, person: str, alerts: Alerts) -> None:
        """Tell somebody's clients at this node how they want to be told."""
        frame = encode(alerts)
        for recipient, _ in self._here.get(person, ()):
            recipient.send_text(frame)

    async def mention(self, events: Sequence[Event], room: RoomRef, present: Iterable[Author]) -> None:
        """Notify everybody whom new messages mention by `@` and their nick, but not the author of each.

        Args:
            events: the messages.
            room: where they were posted.
            present: who is in that room, wherever they are. Those who are here are notified of every room.
        """
        here = (author for recipients in self._here.values() for _, author in recipients)
        nicks = Nicks(itertools.chain(here, present))
        for event in events:
            if called := nicks.mentioned(event.body.text) - {event.author.id}:
                await self._tell_of(event, room, called)

    async def invite(self, person: str, author: Author, into: RoomRef) -> None:
        """Notify a person, if they are here, that `author` invites them to a room."""
        await self._send(group_of(person), person, Notification(kind="invitation", author=author, at=_now(), room=into))

    async def announce(self, author: Author, text: str) -> Notification:
        """Notify everybody of a text, and return the notification."""
        notification = Notification(kind="announcement", author=author, at=_now(), text=text)
        await self._send(EVERYBODY, "", notification)
        return notification

    async def announce_to(self, person: Author, text: str) -> None:
        """Notify a person, if they are here, of a text in their own name: their node tells it them."""
        notification = Notification(kind="announcement", author=person, at=_now(), text=text)
        await self._send(group_of(person.id), person.id, notification)

    async def pass_on(self, notification: Notification, people: Iterable[str]) -> None:
        """Notify those people of what the home of a room announces; any other kind is not accepted from it.

        Args:
            notification: what came.
            people: ids of those in the room: a home has nothing to say to others.
        """
        if notification.kind == "announcement" and len(notification.text) <= MAX_TEXT:
            for person in people:
                await self._send(group_of(person), person, notification)

    def _begin_to_join(self, reason: object) -> None:
        _log.info("People here are told nothing by other nodes until their layer is there: %s", reason)
        self._joining = asyncio.create_task(self._join_some_time(), name="notifications")

    async def _join_some_time(self) -> None:
        while not self._channel:
            await asyncio.sleep(AGAIN)
            try:
                await self._join()
            except LanchatError as error:
                _log.debug("The layer of notifications is not there yet: %s", error)
            except Exception:  # noqa: BLE001 - a task that died of a surprise would never join
                _log.exception("The layer of notifications could not be joined")
        _log.info("People here are told what other nodes tell")

    async def _join(self) -> None:
        channel = await self._layer.new_channel()
        self._layer.attach(channel, self._take)
        self._channel = channel
        for group in (EVERYBODY, *map(group_of, self._here)):
            await self._try(self._layer.group_add(group, channel))

    async def _send(self, group: str, person: str, notification: Notification) -> None:
        await self._hand_over(group, person, notification.kind, encode(notification))

    async def _tell_of(self, event: Event, room: RoomRef, called: Iterable[str]) -> None:
        notification = Notification(
            kind="mention", author=event.author, at=event.at, text=event.body.text, room=room, nonce=event.nonce
        )
        frame = encode(notification)
        for person in called:
            await self._hand_over(group_of(person), person, "mention", frame)

    async def _hand_over(self, group: str, person: str, kind: str, frame: bytes) -> None:
        self._count("notifications", label=kind)
        await self._try(self._layer.group_send(group, {"type": "notice", "person": person, "frame": frame}))

    async def _try(self, doing: Awaitable[None]) -> None:
        """A layer that cannot be reached now costs notifications, but no message and no connection."""
        try:
            await doing
        except LanchatError as error:
            _log.warning("People may miss a notification: %s", error)

    def _take(self, message: Message) -> None:
        notice = _read(message)
        if notice is None or notice in self._seen:
            return
        person, frame = notice
        self._seen.append(notice)
        clients = [self._here.get(person, ())] if person else list(self._here.values())
        for recipient in [recipient for recipients in clients for recipient, _ in recipients]:
            recipient.send_text(frame)


def _read(message: Message) -> tuple[str, bytes] | None:
    """Return person and frame of a message, or None for what is no notification: others may write to a shared layer."""
    match message:
        case {"person": str(person), "frame": bytes(frame)}:
            with contextlib.suppress(LanchatError):
                notification = decode_reply(frame)
                if isinstance(notification, Notification) and len(notification.text) <= MAX_TEXT:
                    return person, frame
    return None


def _now() -> int:
    return int(time.time() * 1000)
