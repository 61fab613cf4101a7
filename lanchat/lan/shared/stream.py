"""One room in Redis: what is asked of its keys, and what they answer."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from lanchat.errors import InvalidFrame
from lanchat.journal import Draft
from lanchat.lan.shared import scripts
from lanchat.lan.shared.durability import Durability
from lanchat.lan.shared.entries import StreamEntry, entry, filled, posted, recalled
from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Command, Reply, Script, Way
from lanchat.protocol import Event

MEETING = 1.0
"""Seconds in which every node says what it has, before it is decided who fills Redis again."""
LONGEST_MEETING = 4.0
"""Seconds in which those say it who are connected to Redis, and may be busy."""
PATIENCE = 5.0
"""Seconds in which whoever fills Redis has to bring something, before the others meet again."""
_WAITED = 2_000

State = Literal["open", "meet", "fill", "gone", "moved"]
"""Whether a room is numbered; who has most is being found; it is being filled; it is not there; a node has taken it."""


class View(NamedTuple):
    """What Redis has of a room.

    Attributes:
        state: whether anything is numbered.
        term: under which it is.
        last: its highest seq.
        kept: its highest seq that nodes may take.
        oldest: its lowest.
        entries: those that were asked for, ascending, as far as they may be taken.
        foreign: seq where something lies that no node wrote; 0 where nothing does.
        lacking: whether nothing lies where something does by what is said of the room.
    """

    state: State
    term: int = 0
    last: int = 0
    kept: int = 0
    oldest: int = 1
    entries: Sequence[StreamEntry] = ()
    foreign: int = 0
    lacking: bool = False


class Meeting(NamedTuple):
    """What came of a meeting so far.

    Attributes:
        state: of the room.
        term: its term; the one under which it is filled.
        last: the highest seq that Redis has.
        filler: id of the node that has most.
        left: seconds until it goes on.
    """

    state: State
    term: int
    last: int
    filler: str
    left: float


class Posted(NamedTuple):
    """What became of drafts.

    Attributes:
        state: `ok`; `meet` when Redis may have lost something, `term` when it goes on under another one: then nothing
            was done.
        results: of each draft `kept`, `known`, `rule`, `no_such_message` or `not_yours`.
        last: the highest seq that Redis has then.
    """

    state: str
    results: Sequence[str]
    last: int = 0


class Ways(NamedTuple):
    """The connections to a server: one that may have to wait for a disk, and one that has not."""

    writing: Way
    reading: Way


class RoomStream:
    """The keys of one room.

    Args:
        ways: to the server.
        prefix: what the names of all keys begin with.
        room: id of the room.
        durability: when what Redis has done is kept.
        most: entries that are kept; 0 keeps all.

    Attributes:
        room: id of the room.
        durability: when what Redis has done is kept.
        topic: where nodes tell each other what is not kept, and that something was numbered.
    """

    def __init__(self, ways: Ways, prefix: str, room: str, durability: Durability, most: int = 0) -> None:
        self.room = room
        key = f"{prefix}:{{{room}}}:"
        self.topic = f"{key}topic"
        self._head, self._stream, self._rules = f"{key}head", f"{key}stream", f"{key}rules"
        self._keys = (self._head, self._stream, f"{key}nonces", self._rules)
        self._writing, self._reading = ways
        self.durability = durability
        self._most = most

    async def run(self, script: Script, *arguments: str | bytes | int) -> Reply:
        """Run a script on the room's keys, and return what it answers. Raises LayerError."""
        (reply,) = await script.run(self._writing, self._keys, (self.topic, *arguments))
        return reply

    async def found(self) -> None:
        """Begin the room, if Redis does not have it. Raises LayerError."""
        await self.run(scripts.FOUND)

    async def view(self, after: int, limit: int) -> View:
        """Return what Redis has, with at most `limit` entries above the seq `after`.

        Raises:
            LayerError: Redis cannot be asked.
            InvalidFrame: what is said of the room was not written by a node.
        """
        head, found = await self._reading.ask(
            ("HMGET", self._head, "state", "term", "last", "kept", "oldest"),
            ("XRANGE", self._stream, f"{after + 1}-0", "+", "COUNT", limit),
        )
        if head[1] is None:
            return View("gone")
        state, term, last, kept, oldest = _state(head[0]), *(_number(value) for value in head[1:])
        entries: list[StreamEntry] = []
        foreign = 0
        for each in found:
            try:
                entries.append(entry(each))
            except InvalidFrame:
                foreign = entries[-1].seq + 1 if entries else max(after + 1, oldest)
                break
        may_be_taken = [each for each in entries if each.seq <= kept]
        return View(state, term, last, kept, oldest, may_be_taken, foreign, not found and kept > after)

    async def at(self, first: int, last: int) -> list[StreamEntry]:
        """Return the entries from one seq to another.

        Raises:
            LayerError: Redis cannot be asked.
            InvalidFrame: something lies there that no node wrote.
        """
        (found,) = await self._reading.ask(("XRANGE", self._stream, f"{first}-0", f"{last}-0"))
        return [entry(each) for each in found]

    async def rules(self) -> list[StreamEntry]:
        """Return every rule of the room, also those that are older than its oldest entry. Raises as `at`."""
        (found,) = await self._reading.ask(("XRANGE", self._rules, "-", "+"))
        return [entry(each) for each in found]

    async def meet(self, node: str, term: int, last: Event | None) -> Meeting:
        """Say what this node has, where Redis may have lost something.

        Args:
            node: id of this node.
            term: the highest that it knows of the room.
            last: its last event; None when it has none.

        Raises:
            LayerError: Redis cannot be asked, or holds something else under these names.
        """
        said, top = (last.term, last.seq) if last is not None else (0, 0)
        milliseconds = (round(seconds * 1000) for seconds in (MEETING, max(MEETING, LONGEST_MEETING), PATIENCE))
        state, now, highest, filler, left = await self.run(scripts.MEET, node, term, said, top, *milliseconds)
        return Meeting(_state(state), _number(now), _number(highest), _text(filler), _number(left) / 1000)

    async def fill(self, node: str, term: int, first: int, events: Sequence[Event], *, final: bool) -> bool:
        """Bring a dense run of events back; False when it is not this node's turn any more.

        Args:
            node: id of this node.
            term: that of the meeting which has chosen it.
            first: seq of the first.
            events: the run, signed.
            final: whether the room is numbered again from now on.

        Raises:
            LayerError: Redis cannot be asked.
        """
        said = [part for event in events for part in filled(event)]
        head = (node, term, first, round(PATIENCE * 1000), int(final))
        return bool(await self.run(scripts.FILL, *head, *said) == b"ok")

    async def recall(self, node: str, term: int, rules: Sequence[Event]) -> bool:
        """Bring rules back that are older than what is filled of the history. As `fill`, before it."""
        said = [part for rule in rules for part in recalled(rule)]
        return bool(await self.run(scripts.RECALL, node, term, *said) == b"ok")

    async def post(self, term: int, rule: int, drafts: Sequence[Draft]) -> Posted:
        """Have drafts numbered and kept, all of them in one piece.

        Args:
            term: that this node follows.
            rule: seq of the last rule by which the drafts were judged.
            drafts: signed.

        Raises:
            LayerError: Redis cannot be asked, or what it did is not on its disk in time. It may have numbered them.
        """
        said = [part for draft in drafts for part in posted(draft)]
        certain = not self.durability.waits
        arguments = (self.topic, term, rule, self._most, int(certain), *said)
        behind = () if certain else (self._wait(),)
        reply, *waited = await scripts.POST.run(self._writing, self._keys, arguments, behind)
        state, *results = map(_text, reply)
        last = int(results[0]) if results else 0
        if "kept" in results and not certain:  # who wrote nothing has not waited for what others wrote
            await self._confirm(term, last, waited[0])
        return Posted(state, results[1:], last)

    async def cut(self, term: int, seq: int) -> None:
        """Take out what lies from a seq on, which is no event that a node could take. Raises LayerError."""
        await self.run(scripts.CUT, term, seq)

    async def confirm(self, term: int, seq: int) -> None:
        """Let the nodes have what nobody has confirmed, once it is on the disk. Raises LayerError."""
        if self.durability.waits:
            _, waited = await self._writing.ask(("HSET", self._head, "asked", seq), self._wait())
            await self._confirm(term, seq, waited)
        else:
            await self.run(scripts.CONFIRM, term, seq)

    def _wait(self) -> Command:
        return ("WAITAOF", 1, self.durability.replicas, _WAITED)

    async def home(self) -> tuple[bytes | None, int]:
        """Return who has taken the room out of Redis, or None, and the term. Raises LayerError, InvalidFrame."""
        ((state, home, term),) = await self._reading.ask(("HMGET", self._head, "state", "home", "term"))
        return (bytes(home or b""), _number(term)) if state == b"moved" else (None, 0)

    async def sync(self) -> None:
        """Wait until everything is on the disks on which it has to be. Raises LayerError: it is not in time."""
        if self.durability.waits:
            _, waited = await self._writing.ask(("HSET", self._head, "asked", 0), self._wait())
            self._check(waited)

    def _check(self, waited: Reply) -> None:
        if waited[0] < 1 or waited[1] < self.durability.replicas:
            raise LayerError("Redis has not written what was said to enough disks in time.")

    async def _confirm(self, term: int, seq: int, waited: Reply) -> None:
        self._check(waited)
        await self.run(scripts.CONFIRM, term, seq)


def _state(value: Reply) -> State:
    match _text(value):
        case "open":
            return "open"
        case "meet":
            return "meet"
        case "fill":
            return "fill"
        case "moved":
            return "moved"
        case other:
            raise InvalidFrame(f"The room is in a state that this Lanchat does not know: {other[:20]!r}.")


def _number(value: Reply) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise InvalidFrame("What Redis has of the room was not written by a node.") from None
    if not 0 <= number < 2**53:
        raise InvalidFrame(f"What Redis has of the room was not written by a node: {number}.")
    return number


def _text(value: Reply) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else ""
