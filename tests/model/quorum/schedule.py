"""What may happen to the voters of a room, drawn from a seed, and what has to hold in the end."""

import random

from lanchat.rooms.quorum.voters import Configuration
from tests.model.quorum.world import NAMES, Disk, Node, World

_WEIGHTS = {
    "say": 20,
    "crash": 4,
    "start": 6,
    "cut": 4,
    "heal": 3,
    "lose": 1,
    "sleep": 2,
    "wake": 3,
    "hand over": 2,
    "jump": 1,
    "go on alone": 1,
    "copy": 1,
    "bring back": 1,
    "lose the disk": 0.5,
    "clone": 0.5,
}
"""How often each thing happens."""
_PATIENCES = (0.0, 0.0, 0.0, 10.0, 0.0)
QUIET = 30.0
"""Seconds after which everything has to be settled when nothing happens any more."""


def broken(seed: int, steps: int = 60) -> list[str]:
    """Let a seed's schedule happen, mend everything, and return what is wrong then."""
    chance = random.Random(f"steps of {seed}")
    world = World(seed, chance.choice((1, 2, 3, 4, 5, 5)), patience_of(seed))
    for _ in range(steps):
        _happen(world, chance)
        world.run(chance.choice((0.0, 0.005, 0.1, 0.5, 2.0, 4.0)))
        if world.faults:
            break
    _mend(world)
    return world.faults + _unsettled(world)


def patience_of(seed: int) -> float:
    """Return after how many seconds without a quorum the machines of a seed go on by themselves; 0 for never."""
    return _PATIENCES[seed % len(_PATIENCES)]


def _happen(world: World, chance: random.Random) -> None:  # noqa: C901, PLR0912 - one branch for each thing that may happen
    name = chance.choice(list(world.nodes))
    node = world.nodes[name]
    match chance.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]:
        case "say":
            for _ in range(chance.choice((1, 1, 3))):
                world.say(chance.choice(list(world.nodes)))
        case "crash":
            node.crash()
        case "start" if node.voter is None:
            node.start()
        case "cut":
            side = chance.sample(list(world.nodes), chance.randrange(len(world.nodes)))
            world.cut = {frozenset({one, other}) for one in side for other in world.nodes if other not in side}
        case "heal":
            world.cut = set()
        case "lose":
            world.loss = chance.choice((0.0, 0.1, 0.3))
        case "sleep":
            node.asleep = True
        case "wake":
            node.asleep = False
        case "hand over":
            _hand_over(node, world.nodes[chance.choice(list(world.nodes))].me)
        case "jump":
            node.ahead += chance.choice((1.0, 5.0, 60.0))
        case "go on alone":
            node.claim()
        case "copy":
            world.copies[name] = node.disk.copy()
        case "bring back" if name in world.copies and world.can_spare(node):
            node.bring_back(world.copies.pop(name))
        case "lose the disk" if world.can_spare(node):
            node.bring_back(Disk(Configuration.alone(f"{NAMES[0]}.0")))
        case "clone" if world.can_spare(other := world.nodes[chance.choice(list(world.nodes))]):
            other.bring_back(node.disk.copy())


def _hand_over(node: Node, to: str) -> None:
    if node.voter is not None:
        node.do(node.voter.hand_over(to))


def _mend(world: World) -> None:
    world.cut, world.loss = set(), 0.0
    for node in world.nodes.values():
        node.asleep = False
        if node.voter is None:
            node.start()
    world.run(QUIET)
    latest = max((node.disk.led for node in world.nodes.values() if node.numbering), default=-1)
    waiting = [node for node in world.nodes.values() if not node.numbering and node.disk.led > latest]
    if waiting:  # for voters that are no more: somebody there goes on alone
        max(waiting, key=lambda node: (node.disk.led, node.disk.shown)).claim()
        world.run(QUIET)


def _unsettled(world: World) -> list[str]:
    """Return what is lost, doubled, in another order for somebody, or still waits."""
    wrong = list(world.contradictions)
    logs = {name: [str(entry.event) for entry in node.disk.entries] for name, node in world.nodes.items()}
    words = {name: [word for word in log if word] for name, log in logs.items()}
    longest = max(words.values(), key=len)
    for name, log in words.items():
        node = world.nodes[name]
        if len(set(log)) < len(log):
            wrong.append(f"{name} has something twice: {log}")
        if log != longest:
            wrong.append(f"{name} has {log[-5:]} of {len(log)}, another {longest[-5:]} of {len(longest)}")
        if node.disk.outbox:
            wrong.append(f"{name} still waits with {list(node.disk.outbox)}")
        if node.disk.shown != len(node.disk.entries):
            wrong.append(f"{name} shows {node.disk.shown} of {len(node.disk.entries)}")
    if missing := set(world.said) - set(longest):
        wrong.append(f"lost: {sorted(missing)}")
    for name in world.nodes.keys() - world.torn:  # who lost a disk may have said something on both sides
        mine = [word for word in longest if word.startswith(name)]
        if mine != sorted(mine, key=lambda word: int(word[1:])):
            wrong.append(f"what {name} said is in another order: {mine}")
    return wrong
