"""What comes from a Redis that others write to as well."""

import contextlib

from lanchat.layers import InvalidMessage
from lanchat.layers.message import size_of
from lanchat.layers.redis.wire import Codec, client_of, is_leased, non_local, shard_of

CODECS = [
    Codec("msgpack"),
    Codec("json"),
    Codec("msgpack", prefix_length=12),
    Codec("msgpack", keys=["a key"]),
]


def target(data: bytes) -> None:
    """Take the bytes for a message. Only InvalidMessage is raised, and what is read can be sent on or is refused."""
    for codec in CODECS:
        with contextlib.suppress(InvalidMessage):
            message = codec.decode(data)
            size_of(message)
            codec.encode(message)
    name = data.decode("utf-8", "replace")
    client_of(name)
    is_leased(name)
    assert name.startswith(non_local(name))
    assert 0 <= shard_of(name, 3) < 3
