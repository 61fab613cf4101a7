"""What people, rooms and nodes may be called, and which of these names look alike."""

from lanchat.identity.names.looks import alike, keys, lookalikes, mixes_scripts
from lanchat.identity.names.rules import (
    MAX_ID,
    MAX_NICK,
    MAX_NODE_NAME,
    MAX_ROOM_NAME,
    NOBODY,
    is_person_id,
    nick,
    node_name,
    room_name,
    seen,
    tame,
    tidy,
    topic,
)

__all__ = [
    "MAX_ID",
    "MAX_NICK",
    "MAX_NODE_NAME",
    "MAX_ROOM_NAME",
    "NOBODY",
    "alike",
    "is_person_id",
    "keys",
    "lookalikes",
    "mixes_scripts",
    "nick",
    "node_name",
    "room_name",
    "seen",
    "tame",
    "tidy",
    "topic",
]
