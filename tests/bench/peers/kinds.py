"""The peers: other servers that keep one room, each with a small program in this folder."""

import functools
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests.bench import crowd
from tests.bench.crowd import Greet, Member, Post
from tests.bench.peers.environment import node, python
from tests.bench.programs import running, started
from tests.bench.sides import Door, Kind, line
from tests.support.redis.servers import RedisServer

TUTORIAL = "Lanchat, the tutorial's consumer"
FAST_CHANNELS = "Fast Channels, the tutorial's consumer"
SOCKETIO_PATH = "/socket.io/?EIO=4&transport=websocket"


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run a Redis of its own until the end of the block."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = RedisServer(Path(folder))
        stack.callback(server.stop)
        server.start()
        yield server


@contextmanager
def _tutorial() -> Iterator[Door]:
    with running("tests.bench.tutorial") as program:
        yield Door(program, "/room/bench", line)


@contextmanager
def _redis_room(layer: str) -> Iterator[Door]:
    with redis_server() as redis, _room(python(module_named("fast_channels_room"), layer, redis.url)) as door:
        yield door


@contextmanager
def _room(command: Sequence[str], path: str = "/", post: Post = line, greet: Greet | None = None) -> Iterator[Door]:
    with started(command) as program:
        yield Door(program, path, post, greet)


@contextmanager
def _node_room() -> Iterator[Door]:
    command, environ = node("ws_room.cjs")
    with started(command, environ) as program:
        yield Door(program, "/", line)


def _python_room(module: str, *options: str) -> Callable[[], AbstractContextManager[Door]]:
    return lambda: _room(python(module_named(module), *options))


def _socketio_room() -> AbstractContextManager[Door]:
    command = python(module_named("socketio_room"))
    return _room(command, SOCKETIO_PATH, socketio_say, socketio_enter)


def socketio_enter(member: Member) -> None:
    """Connect to the default namespace (Socket.IO protocol v5 in Engine.IO v4)."""
    member.send(crowd.frame(b"40"))
    member.wait(b'40{"sid"')


def socketio_say(number: int, size: int) -> bytes:
    """Say a message as an event of the default namespace."""
    return crowd.frame(b"42" + json.dumps(["message", crowd.text(number, size)]).encode())


def module_named(name: str) -> str:
    """Return the name of a module of this folder."""
    return f"tests.bench.peers.{name}"


QUICK_PEERS = (
    Kind("websockets.broadcast", _python_room("websockets_room")),
    Kind("picows", _python_room("picows_room")),
    Kind("node ws", _node_room),
    Kind("socketify (uWebSockets)", _python_room("socketify_room", "0")),
)
"""Those that keep 1,000 members without taking minutes for it."""

SLOW_PEERS = (
    Kind(FAST_CHANNELS, _python_room("fast_channels_room", "memory")),
    Kind(f"{FAST_CHANNELS}, Redis pub/sub", functools.partial(_redis_room, "pubsub")),
    Kind(f"{FAST_CHANNELS}, Redis queue", functools.partial(_redis_room, "queue")),
    Kind("Django Channels, the tutorial's consumer", _python_room("channels_room")),
    Kind("python-socketio", _socketio_room),
)

OWN_TUTORIAL = Kind(TUTORIAL, _tutorial)
