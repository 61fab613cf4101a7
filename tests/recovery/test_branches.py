"""A branch that is as long as a history gets, and joins a room in which people go on talking."""

import contextlib
import random
import secrets
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import apsw
import pytest

from lanchat import client, runtime
from lanchat.identity import Keyring, Seal
from lanchat.journal import Draft, Journal
from lanchat.protocol import Author, Body, Continue, Done, Event
from tests.recovery.chatter import Chatter
from tests.recovery.crowd import CATCH_UP, Crowd
from tests.recovery.node import Node
from tests.recovery.test_takeover import five_nodes
from tests.support.checker import History
from tests.support.conditions import eventually

GROWTH = 60 * 1024**2
"""Most bytes by which a node may grow while a branch joins."""
_PAGE = 5_000
_LONGEST = 10_800.0
"""Seconds: what joins has a share of the time only, so that nobody waits for it."""


@pytest.mark.soak
@pytest.mark.parametrize("length", [pytest.param(30_000, id="long"), pytest.param(1_000_000, id="a-million")])
async def test_a_branch_joins_beside_those_who_talk_and_who_brings_it_leaves_in_the_middle(
    tmp_path: Path, dice: random.Random, length: int
) -> None:
    async with five_nodes(tmp_path, ("ann", "bob", "cleo")) as crowd:
        ann, bob, cleo = crowd.nodes
        bob.kill()
        apart = History()  # where it was then is another place than where it is in the end
        async with Chatter("early", crowd.room, apart, ann.url) as early:
            early.say("said while bob is away")
            await eventually(lambda: not early.outbox, CATCH_UP, "two of three acknowledge it")
        ann.kill()
        cleo.kill()
        for nonce in [*apart.ok, *await write([ann, cleo], crowd.room, length)]:
            crowd.history.invoke("ann", nonce)
            crowd.history.acknowledge(nonce)
        bob.again()
        await bob.ready()
        await go_on(bob, crowd.room)
        await crowd.come(3, bob.url)
        async with crowd.talking(dice, every=0.1):
            await crowd.more(20)
            for node in (ann, cleo):
                node.again()
                await node.ready()
            begun = {node.info.name: memory(node) for node in crowd.nodes}
            largest = dict(begun)
            await eventually(partial(has, crowd, bob, length // 3, largest), _LONGEST, "a part of it is there")
            cleo.kill()
            await crowd.more(20)
            cleo.again()
            await cleo.ready()
            for node in crowd.nodes:
                await eventually(partial(has, crowd, node, length, largest), _LONGEST, "all of it is there")
            await crowd.more(20)
        await crowd.caught_up()
        await eventually(lambda: len({brought(crowd, node, largest) for node in crowd.nodes}) == 1, what="all have all")
        await crowd.verdict()
        first, *others = [[(entry.seq, entry.nonce) for entry in node.journal().entries] for node in crowd.nodes]
        assert all(other == first for other in others)
        assert len(first) > length
        assert {name: size for name, size in largest.items() if size - begun[name] > GROWTH} == {}


async def write(nodes: Sequence[Node], room: str, length: int) -> list[str]:
    """Put so many events behind what nodes that do not run have of a room, as their home would have numbered them.

    Gives the nonces.
    """
    ann = nodes[0]
    seal, author = Seal(Keyring.load(ann.data_dir).person), Author(id=ann.person, nick=ann.info.name)
    async with contextlib.AsyncExitStack() as stack:
        journals = [await stack.enter_async_context(Journal(node.database, _ignore)) for node in nodes]
        for journal in journals:
            # It would wait for the disk hundreds of times, before anything is tried.
            journal._writer.connection.pragma("synchronous", "off")
        nonces: list[str] = []
        last = (await journals[0].before(room, 2**40, 1))[-1]
        for begin in range(last.seq + 1, last.seq + 1 + length, _PAGE):
            page = [_event(seal, author, last, seq) for seq in range(begin, min(begin + _PAGE, last.seq + 1 + length))]
            for journal in journals:
                await journal.mirror(room, page)
            nonces += [event.nonce for event in page]
    return nonces


def _event(seal: Seal, author: Author, last: Event, seq: int) -> Event:
    said = seal.leaving(seal.said(Draft(last.room, secrets.token_hex(8), author, Body(text=f"said apart, {seq}"))))
    return Event(
        room=last.room,
        seq=seq,
        term=last.term,
        nonce=said.nonce,
        author=author,
        at=last.at + seq,
        kind=said.kind,
        body=said.body,
        signature=said.signature,
        voucher=said.voucher,
    )


async def go_on(node: Node, room: str) -> None:
    """Let the person of a node go on without the others."""
    running = runtime.read(node.data_dir)
    assert running is not None
    async with client.at_window(running) as window:
        await window.ask(Continue(room=room), Done)


def has(crowd: Crowd, node: Node, length: int, largest: dict[str, int]) -> bool:
    """Return whether a node has more events than that, and note how large all nodes are."""
    return brought(crowd, node, largest) > length


def brought(crowd: Crowd, node: Node, largest: dict[str, int]) -> int:
    """Return how many events a node has, and note how large all nodes are."""
    for each in crowd.nodes:
        largest[each.info.name] = max(largest[each.info.name], memory(each))
    with contextlib.closing(apsw.Connection(str(node.database), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        connection.set_busy_timeout(5_000)
        return int(connection.execute("SELECT max(seq) FROM event WHERE room = ?", (crowd.room,)).get or 0)


def memory(node: Node) -> int:
    """Return the bytes of memory that a node holds."""
    pages = Path(f"/proc/{node.pid}/statm").read_text("ascii").split()[1]
    return int(pages) * 4096


async def _ignore(_room: str, _events: list[Event]) -> None:
    """In place of publishing."""
