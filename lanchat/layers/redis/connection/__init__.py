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
    unreachable,
)
from lanchat.layers.redis.connection.deployment import Deployment, servers_of
from lanchat.layers.redis.connection.pipeline import Pipeline
from lanchat.layers.redis.connection.script import Script
from lanchat.layers.redis.connection.topic_reader import TopicReader
from lanchat.layers.redis.connection.way import Shard, Way

__all__ = [
    "AWAY",
    "Command",
    "Deployment",
    "Pipeline",
    "RedisConnection",
    "RedisEndpoint",
    "Reply",
    "Script",
    "Shard",
    "TopicReader",
    "Way",
    "pauses",
    "refused",
    "servers_of",
    "unreachable",
]
