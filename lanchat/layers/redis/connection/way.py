"""A way to Redis that many share, whatever Redis is: one server, or those of a cluster."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from redis.exceptions import ResponseError

from lanchat.layers.redis.connection.connection import Command, RedisEndpoint, Reply, refused


class Shard(NamedTuple):
    """One of the servers to which a way leads.

    Attributes:
        way: to this one alone.
        endpoint: where it is.
        tag: a hash tag whose keys it has.
    """

    way: "Way"
    endpoint: RedisEndpoint
    tag: str


class Way(ABC):
    """Takes commands of everybody and brings the replies."""

    @abstractmethod
    def __str__(self) -> str:
        """Where it leads, for people."""

    @abstractmethod
    async def replies(self, *commands: Command) -> list[Reply]:
        """Return the replies to `commands`, errors of the server among them. Raises LayerUnreachable."""

    @abstractmethod
    def post(self, *commands: Command) -> None:
        """Send `commands` before everything that is asked later, and wait for nothing. What fails is logged."""

    @abstractmethod
    async def servers(self, tag: str) -> Sequence[Shard]:
        """Return each server, with a hash tag of its own that begins with `tag`. Raises LayerUnreachable.

        https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
        """

    @abstractmethod
    async def close(self) -> None:
        """Disconnect, for good. Whoever still waits gets an error, and so does whoever asks later."""

    async def ask(self, *commands: Command) -> list[Reply]:
        """Return the replies to `commands`, at the latest after twice the server's timeout.

        Raises:
            LayerError: the server cannot be reached, does not answer in time, or answered one of them with an error.
        """
        return self.checked(await self.replies(*commands))

    def checked(self, replies: list[Reply]) -> list[Reply]:
        """Return replies that came by this way if none of them is an error. Raises LayerError."""
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise refused(self, reply)
        return replies
