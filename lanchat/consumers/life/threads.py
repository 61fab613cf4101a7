"""Plain functions in threads, where asgiref expects them, and Django's connections to databases, where Django is."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any, Protocol


class Placed(Protocol):
    """A consumer that says in which threads it runs."""

    thread_sensitive: bool


async def in_thread(function: Callable[..., Any], consumer: Placed, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
    """Call a plain function with a consumer in a thread, and give its result.

    It is the thread that asgiref keeps for code that is sensitive to it, or with `thread_sensitive` false any of the
    event loop's; in both, `async_to_sync` reaches the loop. Who is cancelled meanwhile still waits for it: no thread
    can be stopped.

    Raises:
        ImportError: asgiref is not installed.
        Exception: whatever the function raises.
    """
    try:
        from asgiref.sync import sync_to_async  # noqa: PLC0415 - nobody else needs it
    except ImportError:
        raise ImportError("Sync consumers need asgiref; install it with: pip install 'lanchat[sync]'") from None
    threaded = sync_to_async(_between_connections, thread_sensitive=consumer.thread_sensitive)
    running = asyncio.ensure_future(threaded(function, consumer, *arguments, **named))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


async def close_old_connections() -> None:
    """Have Django close the connections to databases that are too old, if this process uses Django's."""
    if (close := _closing()) is not None:
        from asgiref.sync import sync_to_async  # noqa: PLC0415 - Django brings it

        await sync_to_async(close)()


def uses_django() -> bool:
    """Whether this process uses Django's connections to databases."""
    return _closing() is not None


def _between_connections(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
    """Call a function, and before and after it close what connections are too old (each thread has its own)."""
    close = _closing()
    if close is None:
        return function(*arguments, **named)
    close()
    try:
        return function(*arguments, **named)
    finally:
        close()


def _closing() -> Callable[[], None] | None:
    """Return what does it as Django's function, but within no transaction; None without a project of Django."""
    database, conf = sys.modules.get("django.db"), sys.modules.get("django.conf")
    if database is None or conf is None or not conf.settings.configured:
        return None

    def close() -> None:
        for connection in database.connections.all(initialized_only=True):
            if not connection.in_atomic_block:  # as in a TestCase of Django, which would lose what it has written
                connection.close_if_unusable_or_obsolete()

    return close


def spare_transactions() -> None:
    """Have `database_sync_to_async` of Channels, too, close no connection within a transaction; for tests."""
    channels, close = sys.modules.get("channels.db"), _closing()
    if channels is not None and close is not None:
        channels.close_old_connections = close  # type: ignore[attr-defined]
