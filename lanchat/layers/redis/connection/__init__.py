"""The way to a Redis server: where it is, an open connection, and a pipeline of commands that many share.

Nothing outside this folder calls redis-py; the others know only its errors.
"""

from lanchat.layers.redis.connection.connection import (
    AWAY,
    Command,
    RedisConnection,
    RedisEndpoint,
    Reply,
    pauses,
    refused,
    servers_of,
    unreachable,
)
from lanchat.layers.redis.connection.pipeline import Pipeline

__all__ = [
    "AWAY",
    "Command",
    "Pipeline",
    "RedisConnection",
    "RedisEndpoint",
    "Reply",
    "pauses",
    "refused",
    "servers_of",
    "unreachable",
]
