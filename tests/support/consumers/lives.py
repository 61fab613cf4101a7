"""Consumers without a server: their lives, as the library runs them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lanchat.consumers import AsyncConsumer, Socket, SocketConsumer
from lanchat.consumers.base import begin
from lanchat.consumers.life import Life


@asynccontextmanager
async def living(consumer: AsyncConsumer) -> AsyncIterator[Life]:
    """Let a consumer have its channel and hear its messages, until the end of the block."""
    life = begin(consumer, Life(consumer, consumer._lanchat_handlers, in_turn=consumer.in_turn))
    await life.open()
    life.listen()
    try:
        yield life
    finally:
        await life.close()


async def run(consumer: SocketConsumer, socket: Socket) -> None:
    """Let a consumer live on a socket as the adapter to aiohttp does."""
    if (failed := await consumer._lanchat_run_on(socket)) is not None:
        consumer.handler_failed(failed, "its connection")


def handlers(kind: type[AsyncConsumer]) -> set[str]:
    """Return the types that a class takes from a layer."""
    return set(kind._lanchat_handlers.by_name)
