"""A real Redis server that is asked without waiting, and whose scripts ask the model what only a server knows.

One process plays every server of a world: each has a database of it, and so has each disk and each replica. What
scripts ask their server (what time it is, which run of it this is, how many listen) is given to them as keys behind
their own, and what they publish lies in a list, from which the model brings it on.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from redis.connection import Connection
from redis.exceptions import ResponseError

from lanchat.layers.redis.connection import Command, Reply

DATABASES = 16
"""How many of them a server has."""
_GIVEN = (
    ("redis.call('TIME')", "({KEYS[#KEYS - 3], KEYS[#KEYS - 2]})"),
    ("redis.call('INFO', 'server')", "('run_id:' .. KEYS[#KEYS - 1])"),
    ("redis.call('PUBSUB', 'NUMSUB', topic)", "({topic, tonumber(KEYS[#KEYS])})"),
    ("redis.call('PUBLISH', ", "redis.call('RPUSH', 'published', "),
)
"""What a script asks its server, and what it asks the model instead."""
_ASKED = re.compile(r"\bcall\('(TIME|INFO|PUBSUB|PUBLISH)'")
_COPY = """
for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', ARGV[1], 'REPLACE') end
"""
_CHANGES = re.compile(rb"rdb_changes_since_last_save:(\d+)")


class Given(NamedTuple):
    """What a server is for the scripts that it runs.

    Attributes:
        now: its clock, in seconds since 1970.
        run: its run id.
        listeners: how many are subscribed to the topic that the script publishes to.
    """

    now: float
    run: str
    listeners: int


class Done(NamedTuple):
    """What came of a script.

    Attributes:
        reply: to whoever ran it; an error where there was one.
        published: topic and body of each message.
        changed: whether it has changed anything.
        head: what was asked behind it.
    """

    reply: Reply
    published: Sequence[tuple[bytes, bytes]]
    changed: bool
    head: Reply


class Engine:
    """A connection to the real server. Close it.

    Args:
        port: where it listens on loopback.
    """

    def __init__(self, port: int) -> None:
        connection: Any = Connection  # without types
        self._connection = connection(host="127.0.0.1", port=port, protocol=2, socket_timeout=10)
        self._free = list(range(DATABASES))
        self._chosen = -1
        self._exchange([("FLUSHALL",)])

    def close(self) -> None:
        """Disconnect."""
        self._connection.disconnect()

    def take(self) -> int:
        """Return a database that nobody else uses."""
        return self._free.pop(0)

    def give_back(self, database: int) -> None:
        """Empty a database, and let others use it."""
        self.clear(database)
        self._free.append(database)

    def clear(self, database: int) -> None:
        """Remove everything from a database."""
        self.ask(database, ("FLUSHDB",))

    def copy(self, source: int, target: int) -> None:
        """Let a database hold what another holds."""
        self._chosen = source
        self._exchange([("SELECT", target), ("FLUSHDB",), ("SELECT", source), ("EVAL", _COPY, 0, target)])

    def ask(self, database: int, *commands: Command) -> list[Reply]:
        """Return the replies of a database, errors among them."""
        if database != self._chosen:
            self._chosen = database
            return self._exchange([("SELECT", database), *commands])[1:]
        return self._exchange(commands)

    def run(self, database: int, text: str, rest: Sequence[Any], given: Given, behind: Command) -> Done:
        """Run a script as `given`.

        Args:
            database: on which.
            text: of the script.
            rest: how many keys there are, the keys, and what else it is given.
            given: the server as the script sees it.
            behind: what is asked behind it.
        """
        count = int(rest[0])
        seconds = int(given.now)
        asked = (seconds, int((given.now - seconds) * 1_000_000), given.run, given.listeners)
        script = ("EVAL", played(text), count + len(asked), *rest[1 : count + 1], *asked, *rest[count + 1 :])
        changes = ("INFO", "persistence")
        before, reply, after, published, head = self.ask(
            database, changes, script, changes, ("LPOP", "published", 1_000), behind
        )
        told = published or []
        changed = _changes(after) - _changes(before) > len(told)  # what it published lies in a list
        return Done(reply, list(zip(told[::2], told[1::2], strict=True)), changed, head)

    def _exchange(self, commands: Sequence[Command]) -> list[Reply]:
        self._connection.send_packed_command(self._connection.pack_commands(commands), check_health=False)
        return [self._reply() for _ in commands]

    def _reply(self) -> Reply:
        try:
            return self._connection.read_response(disable_decoding=True)
        except ResponseError as error:
            return error


@lru_cache
def played(text: str) -> str:
    """Return a script that asks the model where it asked its server."""
    for asked, instead in _GIVEN:
        text = text.replace(asked, instead)
    if found := _ASKED.search(text):
        raise AssertionError(f"the model does not know what {found[0]!r} asks; see {__name__}")
    return text


def _changes(info: bytes) -> int:
    found = _CHANGES.search(info)
    assert found is not None
    return int(found[1])
