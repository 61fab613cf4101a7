"""One run of a Redis server: what it answers to whom, what is on its disk, and what its replica has."""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Any, Literal, NamedTuple, Self

from redis.exceptions import NoScriptError

from lanchat.layers.redis.connection import Command, Reply
from tests.model.lines import Flow
from tests.model.shared.engine import Engine, Given
from tests.support.faults import lasting

Kind = Literal["always", "waits", "replicated", "everysec", "none"]
"""When what a server does is on a disk.

`always`: before it answers. `waits`: once a second, and it can be waited for (WAITAOF); `replicated`: for the disk of
a replica as well. `everysec`: once a second, and nobody can wait for it. `none`: never.
"""
KINDS: tuple[Kind, ...] = ("always", "waits", "replicated", "everysec", "none")
_WAIT = {"waits", "replicated"}
_HASH = 40
_SLOWLY = (0.0, 0.0, 0.0, 0.0, 0.002)
"""Seconds between two commands that came together: others may come between them."""
_SYNCS = 0.15
"""How often a disk, or a replica, has everything before something is written."""
_COPIES, _TIMES = (1, 0, 2), (20, 1, 1)
"""How often what is published comes to somebody, and how often that happens, among others."""
_LATE = (0.0, 0.0, 0.0, 0.0, 3.0)


class Answer(NamedTuple):
    """A reply, or a message to somebody who is subscribed."""

    reply: Reply


class Image:
    """What somebody else has of a server: its disk, or its replica.

    Args:
        engine: has it.

    Attributes:
        database: where it lies.
        version: of the server's data.
        last: the highest seq in the room, by its head.
        stuck: whether it stays as it is.
    """

    def __init__(self, engine: Engine) -> None:
        self.database = engine.take()
        self.version = 0
        self.last = 0
        self.stuck = False


class Session:
    """One connection, as the server sees it.

    Args:
        node: whose it is.
        incoming: commands that came together.
        outgoing: what the server answers.

    Attributes:
        topics: to which it is subscribed.
        wrote: version of the data after the last change by this connection, which is what WAITAOF waits for.
    """

    def __init__(self, node: str, incoming: Flow[Sequence[Command]], outgoing: Flow[Answer]) -> None:
        self.node, self.incoming, self.outgoing = node, incoming, outgoing
        self.topics: set[str] = set()
        self.wrote = 0


class Head(NamedTuple):
    """What the head of the room says."""

    state: Reply = None
    last: int = 0
    kept: int = 0

    @classmethod
    def read(cls, reply: Reply) -> Self:
        """Return what a head holds."""
        state, last, kept = reply
        return cls(state, int(last or 0), int(kept or 0))


class Nature(NamedTuple):
    """What is the same of all servers of a Redis.

    Attributes:
        engine: does what they are asked.
        kind: when that is on a disk.
        chance: decides how long everything takes.
        head: the key by which the room's head is known.
        faults: where it is written down that more was let go than is on the disk.
    """

    engine: Engine
    kind: Kind
    chance: Random
    head: str
    faults: list[str]


class Server:
    """A server from its start to its end.

    Args:
        nature: what is the same of all servers.
        database: where its data lies.
        run: its run id.
        ahead: seconds by which its clock is ahead of the loop's.

    Attributes:
        database: where its data lies.
        disk, replica: what of it they have.
        kept: the highest seq that nodes were let have.
        ended: whether it takes no connection any more.
    """

    def __init__(self, nature: Nature, database: int, run: str, ahead: float) -> None:
        self.database = database
        self.disk, self.replica = Image(nature.engine), Image(nature.engine)
        self._engine, self._kind, self._chance, head, self._faults = nature
        self._asking = ("HMGET", head, "state", "last", "kept")
        self._version = 0
        self._run = run
        self._ahead = ahead
        self._known: dict[str, str] = {}
        self._sessions: dict[Session, asyncio.Task[None]] = {}
        self.kept = 0
        self.ended = False
        self._head = Head.read(self._engine.ask(database, self._asking)[0])
        for image in (self.disk, self.replica):
            self.sync(image)

    def connect(self, node: str, incoming: Flow[Sequence[Command]], outgoing: Flow[Answer]) -> None:
        """Take a connection of a node."""
        session = Session(node, incoming, outgoing)
        task = asyncio.get_running_loop().create_task(self._serve(session))
        self._sessions[session] = task
        task.add_done_callback(partial(self._ended, session))

    def leave(self, *nodes: str) -> None:
        """End every connection but those of some nodes: what is on its way is lost."""
        for session in self._sessions:
            if session.node not in nodes:
                session.incoming.sever()
                session.outgoing.sever()

    async def end(self) -> None:
        """End every connection at once: what is on its way is lost, what was begun is done or is not."""
        self.ended = True
        self.leave()
        tasks = list(self._sessions.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def sync(self, image: Image) -> None:
        """Let the disk, or the replica, have everything, unless it is stuck."""
        if not image.stuck:
            self._engine.copy(self.database, image.database)
            image.version = self._version
            image.last = self._head.last

    def flush(self) -> None:
        """Lose everything, as by FLUSHALL: the disk and the replica lose it as well."""
        self._engine.clear(self.database)
        self._version += 1
        self._head = Head()

    def evict(self, key: str) -> None:
        """Remove one key, as where memory is full."""
        self._engine.ask(self.database, ("DEL", key))
        self._version += 1

    def forget_scripts(self) -> None:
        """Know no script any more, as after SCRIPT FLUSH."""
        self._known.clear()

    def _ended(self, session: Session, task: asyncio.Task[None]) -> None:
        del self._sessions[session]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._faults.append(f"the model failed: {error!r}")

    async def _serve(self, session: Session) -> None:
        while (commands := await session.incoming.receive()) is not None:
            for command in commands:
                for reply in await self._answer(session, command):
                    session.outgoing.send(Answer(reply))
                if pause := self._chance.choice(_SLOWLY):
                    await lasting(pause)
        session.outgoing.send(None)

    async def _answer(self, session: Session, command: Command) -> Sequence[Reply]:
        name, *rest = command
        match name:
            case "EVAL" | "EVALSHA":
                return [self._script(session, str(rest[0]), rest[1:])]
            case "SUBSCRIBE" | "UNSUBSCRIBE":
                topics = {str(topic) for topic in rest}
                session.topics = session.topics | topics if name == "SUBSCRIBE" else session.topics - topics
                return [[name.lower().encode(), topic.encode(), len(session.topics)] for topic in map(str, rest)]
            case "HSET":
                self._prepare()
                self._note_change(session)
                return self._engine.ask(self.database, command)
            case "WAITAOF":
                return [await self._wait(session, int(rest[2]) / 1000)]
            case "PUBLISH":
                self._publish(str(rest[0]), bytes(rest[1]))  # type: ignore[arg-type]
                return [1]
        return [self._told(command)]

    def _told(self, command: Command) -> Reply:
        """Return what changes nothing."""
        match command:
            case ("INFO", _):
                version = "7.2.4" if self._kind in _WAIT else "7.0.15"
                has_file = int(self._kind != "none")
                return f"redis_version:{version}\r\nrole:master\r\naof_enabled:{has_file}\r\n".encode()
            case ("CONFIG", "GET", str() as name):
                sync = b"always" if self._kind == "always" else b"everysec"
                return [name.encode(), sync if name == "appendfsync" else b"0"]
            case ("PING",):
                return b"PONG"
            case ("GET" | "HGETALL" | "HMGET" | "XRANGE", *_):
                return self._engine.ask(self.database, command)[0]
        raise AssertionError(f"the model does not know what {command[0]!r} does")

    def _script(self, session: Session, named: str, given: Sequence[Any]) -> Reply:
        """Run a script by its text, or by its hash if it was run before."""
        if len(named) == _HASH and named not in self._known:
            return NoScriptError("No matching script. Please use EVAL.")
        text = self._known.get(named, named)
        self._known[hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()] = text

        self._prepare()
        now = asyncio.get_running_loop().time() + self._ahead
        first, *_ = [*given[int(given[0]) + 1 :], ""]
        there = sum(first in session.topics for session in self._sessions)
        done = self._engine.run(self.database, text, given, Given(now, self._run, there), self._asking)
        for topic, body in done.published:
            self._publish(topic.decode(), body)
        if done.changed:
            self._note_change(session)
        self._note_head(Head.read(done.head))
        return done.reply

    def _prepare(self) -> None:
        """Before something is written, let the disk and the replica come to have what there is, or not."""
        for image in (self.disk, self.replica):
            if image.version < self._version and self._chance.random() < _SYNCS:
                self.sync(image)

    def _note_change(self, session: Session) -> None:
        self._version += 1
        session.wrote = self._version
        if self._kind == "always":
            self.disk.version = self._version

    def _note_head(self, head: Head) -> None:
        """See whether nodes are let have what could be lost, where they are to wait for the disk."""
        before, self._head, self.kept = self._head, head, max(self.kept, head.kept)
        numbering = before.state == head.state == b"open"
        if self._kind in _WAIT and numbering and head.kept > max(before.kept, self.disk.last):
            self._faults.append(f"nodes may take {head.kept} entries, of which {self.disk.last} are on the disk")

    async def _wait(self, session: Session, patience: float) -> list[int]:
        images = [self.disk, *([self.replica] if self._kind == "replicated" else [])]
        for image in images:
            if image.version < session.wrote:
                self.sync(image)
        done = [image.version >= session.wrote for image in images]
        await lasting(self._chance.choice((0.0, 0.001, 0.02)) if all(done) else patience)
        return [int(done[0]), int(done[-1] and len(done) > 1)]

    def _publish(self, topic: str, body: bytes) -> None:
        loop = asyncio.get_running_loop()
        for session in self._sessions:
            if topic in session.topics:
                for _ in range(self._chance.choices(_COPIES, _TIMES)[0]):
                    message = Answer([b"message", topic.encode(), body])
                    loop.call_later(self._chance.choice(_LATE), session.outgoing.send, message)
