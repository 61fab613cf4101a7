"""Whether a node shares its rooms through a Redis, and how."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from lanchat.config import Config
from lanchat.lan.link import LinkParts
from lanchat.rooms import RoomNetwork

if TYPE_CHECKING:
    from lanchat.lan.shared import SharedNetwork

LEAST_KEPT = 5_000
"""Entries that Redis keeps of each room where not all are kept: a node that is behind must find what it lacks."""


def share(
    config: Config,
    parts: LinkParts,
    beyond: RoomNetwork,
    stack: contextlib.AsyncExitStack,
    where: Callable[[], str],
) -> "SharedNetwork | None":
    """Return the network of the rooms of a node that shares them; None when it does not.

    Args:
        config: its settings.
        parts: its parts.
        beyond: the rooms of other nodes.
        stack: ends the connections to Redis.
        where: gives `host:port` where guests reach this node; empty where none shall come.

    Raises:
        LayerError: the settings cannot be read, or the package for Redis is missing.
    """
    if not config.shares_rooms:
        return None
    from lanchat.lan.shared import Programs, SharedNetwork, SharedRooms, SharedSettings  # noqa: PLC0415 - only who has Redis

    keep = max(config.keep_messages, LEAST_KEPT) if config.keep_messages else 0
    settings = SharedSettings(config.redis, config.redis_prefix, config.redis_replicas, keep)
    programs = None
    if config.redis_programs:
        programs = Programs(config.redis, config.redis_prefix, parts.access, parts.limits)
        stack.push_async_callback(programs.close)
    shared = SharedRooms(settings, parts, where, programs)
    stack.push_async_callback(shared.close)
    return SharedNetwork(shared, beyond, parts.node, programs)
