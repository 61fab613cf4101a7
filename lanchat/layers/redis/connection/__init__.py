"""The way to a Redis server: where it is, an open connection, commands that many share, scripts, topics.

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
from lanchat.layers.redis.connection.script import Script
from lanchat.layers.redis.connection.topic_reader import TopicReader

__all__ = [
    "AWAY",
    "Command",
    "Pipeline",
    "RedisConnection",
    "RedisEndpoint",
    "Reply",
    "Script",
    "TopicReader",
    "pauses",
    "refused",
    "servers_of",
    "unreachable",
]
