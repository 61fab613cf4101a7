"""Rooms of one name that go on as each other in any order, while nodes leave, end in the middle, and come back.

Each node has a real database of its own. A schedule, which its seed gives again, lets people speak, owners decide,
nodes hand their rooms on in pieces and be ended between them, and links bring some of what waits. In the end there is
one room, everything said is in it once, and what each node said stands in its order; every mirror is the same.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from lanchat.errors import NotUnited
from lanchat.journal import Draft, RoomRecord, numbering, outbox, reading, rooms, unions
from lanchat.journal.schema import atomic, open_writer
from lanchat.journal.transaction import Transaction
from lanchat.journal.unions import passing
from lanchat.protocol import Body, Event, NodeInfo, Policy, heir_of
from lanchat.protocol.policy import fold
from tests.support.identity import key
from tests.support.rooms.words import Chain

ROOMS, NODES, STEPS = 3, 2, 60
Write = Callable[[Transaction], object]


class Machine:
    """One node: its database, and the one room of the name that it has."""

    def __init__(self, name: str, room: str, home: str) -> None:
        self.name, self.room, self.said = name, room, list[str]()
        self.database = open_writer(Path(":memory:"))
        self.keep(room, home)

    def keep(self, room: str, home: str) -> None:
        self.write(lambda t: rooms.put_room(t, RoomRecord(room, "general", NodeInfo(id=home, name=home))))

    def write(self, work: Write) -> object:
        with atomic(self.database):
            return work(Transaction(self.database))

    def events(self, room: str = "", after: int = 0) -> list[Event]:
        return reading.after(self.database, room or self.room, after, 10_000)

    def policy(self, owner: str) -> Policy:
        return fold(owner, [event for event in self.events() if event.kind == "rule"])


class World:
    """All machines, and the schedule of a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.chain = Chain(key(1), ROOMS)
        self.owner = self.chain.author.id
        self.homes = {room: f"{room[:4]} 0" for room in self.chain.rooms}
        self.machines = {
            f"{room[:4]} {number}": Machine(f"{room[:4]} {number}", room, self.homes[room])
            for room in self.chain.rooms
            for number in range(NODES)
        }

    def run(self) -> None:
        steps = (self.say, self.say, self.sync, self.sync, self.decide, self.hand_on, self.end_in_the_middle)
        for _ in range(STEPS):
            self.random.choice(steps)(self.random.choice(list(self.machines.values())))
        for machine in self.machines.values():
            self.decide(machine)
        for _ in range(4 * ROOMS * NODES):
            for machine in self.machines.values():
                self.sync(machine, whole=True)
                self.hand_on(machine)

    def say(self, machine: Machine) -> None:
        text = f"{machine.name}: {len(machine.said)}"
        draft = self.chain.seal.said(Draft(machine.room, text, self.chain.author, Body(text=text)))
        machine.said.append(text)
        self.post(machine, draft)

    def post(self, machine: Machine, draft: Draft) -> None:
        if self.homes[machine.room] == machine.name:
            machine.write(lambda t: numbering.append(t, draft))
        else:
            machine.write(lambda t: outbox.enqueue(t, draft))

    def decide(self, machine: Machine) -> None:
        smaller = [room for room in self.chain.rooms if room < machine.room]
        if smaller and self.homes[machine.room] == machine.name and machine.policy(self.owner).heir is None:
            word = self.chain.word(machine.room, self.random.choice(smaller))
            self.post(machine, Draft(word.room, word.nonce, word.author, word.body, "rule", word.signature))

    def sync(self, machine: Machine, *, whole: bool = False) -> None:
        """Bring some of what waits, and take what is new; who finds its home gone asks what became of the room."""
        home = self.machines[self.homes[machine.room]]
        if home is machine:
            return
        if home.room != machine.room:
            self.follow(machine, home)
            return
        waiting = outbox.waiting(machine.database, machine.room, outbox.FIRST)
        for _, draft in waiting if whole else waiting[: self.random.randrange(4)]:
            try:
                home.write(lambda t, draft=draft: numbering.append(t, draft, brought=True))  # type: ignore[misc]
            except NotUnited:
                break  # it is sent again, in its order
        fresh = home.events(after=reading.top(machine.database, machine.room))
        machine.write(lambda t: numbering.mirror(t, machine.room, fresh))

    def follow(self, machine: Machine, other: Machine) -> None:
        united, at, words = other.policy(self.owner).united, machine.room, list[Event]()
        while (word := united.get(at)) is not None:
            words.append(word)
            at = heir_of(at, word.author.id, word.body.text)
        if words:
            self.move(machine, at, words)

    def hand_on(self, machine: Machine, *, ends: bool = False) -> None:
        word = machine.policy(self.owner).heir
        if word is not None:
            heir = heir_of(word.room, word.author.id, word.body.text)
            if self.machines[self.homes[heir]].room == heir:
                self.move(machine, heir, [word], ends=ends)
            else:
                self.follow_from(machine, heir, word)

    def follow_from(self, machine: Machine, room: str, word: Event) -> None:
        """Go on as what the heir has become by then."""
        united, at, words = self.machines[self.homes[room]].policy(self.owner).united, room, [word]
        while (further := united.get(at)) is not None:
            words.append(further)
            at = heir_of(at, further.author.id, further.body.text)
        if at != room:
            self.move(machine, at, words)

    def end_in_the_middle(self, machine: Machine) -> None:
        self.hand_on(machine, ends=True)

    def move(self, machine: Machine, heir: str, words: list[Event], *, ends: bool = False) -> None:
        former = machine.room
        machine.keep(heir, self.homes[heir])
        machine.write(lambda t: unions.announce(t, heir, words[::-1]))
        seq = 0
        while seq := int(str(machine.write(lambda t, seq=seq: unions.pass_on(t, former, heir, seq)))):  # type: ignore[misc]
            if ends and self.random.random() < 0.5:
                return
        machine.write(lambda t: unions.inherit(t, former, heir))
        machine.room = heir


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "PIECE", 2)


def check(seed: int) -> None:
    world = World(seed)
    world.run()
    last, *others = world.chain.rooms
    assert {machine.room for machine in world.machines.values()} == {last}, f"seed {seed}"
    history = world.machines[world.homes[last]].events()
    texts = [event.body.text for event in history if event.kind != "rule"]
    for machine in world.machines.values():
        assert machine.events() == history, f"seed {seed}: a mirror is another one"
        assert outbox.waiting(machine.database, last, outbox.FIRST) == [], f"seed {seed}: something waits for ever"
        mine = [text for text in texts if text.startswith(machine.name)]
        assert mine == machine.said, f"seed {seed}: lost, doubled, or out of order"
    assert len(texts) == sum(len(machine.said) for machine in world.machines.values())
    assert {event.body.origin for event in history} <= {"", *others}


def check_all(seeds: range) -> None:
    for seed in seeds:
        check(seed)


@pytest.mark.parametrize("seeds", [range(40), pytest.param(range(40, 2_000), marks=pytest.mark.soak)])
def test_in_whatever_order_rooms_go_on_as_others_everything_is_in_one_of_them_once(seeds: range) -> None:
    check_all(seeds)


def no_word(transaction: Transaction, room: str, words: list[Event]) -> None:
    """Bring everything but the word by which the room goes on."""


def backwards(transaction: Transaction, room: str, heir: str, after: int) -> int:
    """Let what was said wait in another order than the one in which it was said."""
    events = reading.after(transaction.connection, room, after, 2)
    for event in reversed(events):
        body = replace(event.body, origin=event.body.origin or room)
        outbox.enqueue(transaction, replace(Draft.again(event), room=heir, body=body))
    return events[-1].seq if events else 0


def without_what_waits(transaction: Transaction, room: str, heir: str) -> None:
    """Forget a room with what waits in it."""
    del heir
    rooms.delete_room(transaction, room)


@pytest.mark.parametrize(
    ("rule", "instead"), [("announce", no_word), ("pass_on", backwards), ("inherit", without_what_waits)]
)
def test_each_rule_taken_out_is_found(monkeypatch: pytest.MonkeyPatch, rule: str, instead: object) -> None:
    monkeypatch.setattr(unions, rule, instead)
    with pytest.raises(AssertionError):
        check_all(range(40))
