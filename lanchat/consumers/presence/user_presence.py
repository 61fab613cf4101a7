"""Which users are connected to a topic, whatever process and however many connections they have."""

import asyncio
import contextlib
import weakref
from collections.abc import Callable
from typing import Protocol

from lanchat.consumers.presence.table import PresenceTable
from lanchat.consumers.presence.topic import PresenceTopic
from lanchat.layers import BaseChannelLayer, LayerError, channel_layers


class Present(Protocol):
    """A consumer that is connected."""

    channel_name: str


class UserPresence:
    """Who is here, by topic; for one event loop. A topic is known to processes in which somebody is connected to it.

    A user with three connections is there once, and leaves `grace` seconds after the last one. Whoever is connected to
    a topic gets `{"type": "presence.join", "topic": …, "user": …}` when somebody comes, and `presence.leave` when
    somebody goes. What is known of a process that died ends with its lease. While the layer cannot be reached, who is
    elsewhere stays as it was.

    Args:
        layer: by which the processes know of each other, or its alias.
        grace: seconds that a user has to come back.
        lease: seconds for which the word of another process counts.
        most_users: users of a topic.
        most_topics: topics in this process.
    """

    def __init__(
        self,
        layer: BaseChannelLayer | str = "default",
        *,
        grace: float = 5.0,
        lease: float = 30.0,
        most_users: int = 1000,
        most_topics: int = 10_000,
    ) -> None:
        self._layer = layer
        self._grace = grace
        self._lease = lease
        self._most_users = most_users
        self._most_topics = most_topics
        self._topics: dict[str, PresenceTopic] = {}
        self._lock = asyncio.Lock()
        self._ends: dict[tuple[str, int], weakref.finalize[..., Present]] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def enter(self, topic: str, user: str, consumer: Present) -> list[str]:
        """Take a connection of a user, and return who is there. Whom other processes know comes as joins.

        A consumer that is no more has left, whether it said so or not.

        Raises:
            ValueError: this names no user.
            TooManyUsers: there is no room for one more.
            LayerError: there is no layer of this alias, there are too many topics, or the layer cannot be reached.
        """
        async with self._lock:
            known = self._topics.get(topic) or await self._begin(topic)
            try:
                await known.enter(id(consumer), user, consumer.channel_name)
            except BaseException:
                await self._tidy(topic)
                raise
            if (topic, id(consumer)) not in self._ends:
                loop, gone = asyncio.get_running_loop(), (topic, id(consumer), consumer.channel_name)
                self._ends[topic, id(consumer)] = weakref.finalize(consumer, _call_in, loop, self._gone, *gone)
            return known.table.users

    async def leave(self, topic: str, consumer: Present) -> None:
        """Forget a connection. Call it in `disconnect`; nothing happens when it is not known."""
        await self._leave(topic, id(consumer), consumer.channel_name)

    def users(self, topic: str) -> list[str]:
        """Return who is there, sorted; nobody of a topic to which nobody is connected here."""
        known = self._topics.get(topic)
        return known.table.users if known is not None else []

    async def close(self) -> None:
        """Say goodbye to the other processes."""
        async with self._lock:
            for end in self._ends.values():
                end.detach()
            self._ends.clear()
            topics, self._topics = list(self._topics.values()), {}
            await asyncio.gather(*(topic.end() for topic in topics))

    async def _leave(self, topic: str, connection: int, channel: str) -> None:
        async with self._lock:
            end = self._ends.pop((topic, connection), None)
            if end is None:
                return
            end.detach()
            await self._topics[topic].leave(connection, channel)
            await self._tidy(topic)

    def _gone(self, topic: str, connection: int, channel: str) -> None:
        """Take that a consumer is no more, which has not left."""
        task = asyncio.get_running_loop().create_task(self._leave(topic, connection, channel))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _begin(self, topic: str) -> PresenceTopic:
        if len(self._topics) >= self._most_topics:
            raise LayerError(f"There are {self._most_topics} topics of presence here already.")
        layer = channel_layers.get(self._layer) if isinstance(self._layer, str) else self._layer
        if layer is None:
            raise LayerError(f"No layer is called {self._layer!r}.")
        table = PresenceTable(grace=self._grace, lease=self._lease, most=self._most_users)
        known = PresenceTopic(layer, topic, table, lease=self._lease)
        await known.begin()
        self._topics[topic] = known
        return known

    async def _tidy(self, topic: str) -> None:
        """End a topic to which nobody is connected here any more."""
        if not self._topics[topic].table.has_connections:
            await self._topics.pop(topic).end()


def _call_in(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: object) -> None:
    """Have an event loop call something, unless it is closed; a consumer may end in any thread."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *arguments)
