"""A room on a stick: real nodes, of which one gets it from a file, and files in which something was altered."""

import asyncio
import hashlib
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from lanchat.archive.carrying import LivingBranches, open_branch
from lanchat.archive.exporting import export_room
from lanchat.archive.progress import Cancelled, Progress
from lanchat.archive.store import NamedFile
from lanchat.errors import DiskFull, InvalidArchive, JobError, NotModerator
from lanchat.identity import Seal
from lanchat.journal import Reader
from lanchat.protocol import Event
from tests.support.archive.shelf import Watched
from tests.support.conditions import eventually
from tests.support.identity import OTHER_SEAL
from tests.support.rooms.company import Company, company

Line = dict[str, Any]
TEXTS = ["one", "two", "three"]


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Company]:
    """The node a with a room in which something was said, and the node b, which knows nothing of it."""
    async with company(tmp_path, "a") as nodes:
        for text in TEXTS:
            await nodes.say("a", text)
        await nodes.start("b")
        yield nodes


async def carry(nodes: Company, name: str) -> Path:
    """Write the room of a node into a file."""
    node, path = nodes.servers[name].node, nodes.tmp_path / f"from {name}.jsonl"

    def write() -> None:
        with Reader(node.journal.path) as reader:
            export_room(reader, nodes.room, "jsonl", NamedFile(path), Progress(), seal=node.owner.seal)

    await asyncio.to_thread(write)
    return path


async def opened(nodes: Company, name: str, path: Path, progress: Progress | None = None) -> str:
    """Open a file at a node."""
    node = nodes.servers[name].node
    target = LivingBranches(node.info, node.rooms, node.journal)
    return str(await asyncio.to_thread(open_branch, path, target, progress or Progress()))


async def history(nodes: Company, name: str) -> list[Event]:
    return await nodes.servers[name].node.journal.after(nodes.room, 0, 10_000)


def altered(path: Path, change: Callable[[list[Line]], object], seal: Seal | None = None) -> None:
    """Change lines of a file; with a seal, make its end fit them again, as somebody who cheats would."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    change(lines)
    head = b"".join(_dumped(line) for line in lines[:-1])
    if seal is not None:
        digest, room = hashlib.sha256(head).hexdigest(), lines[0]["room"]
        lines[-1] |= {"count": len(lines) - 2, "sha256": digest, "by": seal.id, "signature": seal.carry(room, digest)}
    path.write_bytes(head + _dumped(lines[-1]))


def _dumped(line: Line) -> bytes:
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


async def test_the_room_is_there_as_it_was_and_what_is_said_there_waits_for_its_home(nodes: Company) -> None:
    assert await opened(nodes, "b", await carry(nodes, "a")) == "3 entries came to shared."
    theirs, mine = await history(nodes, "a"), await history(nodes, "b")
    assert [(each.seq, each.term, each.nonce, each.at, each.body) for each in mine] == [
        (each.seq, each.term, each.nonce, each.at, each.body) for each in theirs
    ]
    assert (nodes.at("b").kind, nodes.at("b").info.online) == ("mirror", False)
    assert await nodes.say("b", "waits") is None


async def test_what_was_said_on_either_side_is_there_once_with_its_times(nodes: Company) -> None:
    await opened(nodes, "b", await carry(nodes, "a"))
    await nodes.servers["b"].node.rooms.continue_here(nodes.at("b"))
    await nodes.say("b", "b alone")
    await nodes.say("a", "a alone")
    back = await carry(nodes, "b")
    assert await opened(nodes, "a", back) == "1 entry came to shared, 3 were there already."
    assert await opened(nodes, "a", back) == "0 entries came to shared, 4 were there already."
    assert await nodes.texts("a") == [*TEXTS, "a alone", "b alone"]
    said, at_a = (await history(nodes, "b"))[-1], (await history(nodes, "a"))[-1]
    assert (at_a.nonce, at_a.at, at_a.author, at_a.apart) == (said.nonce, said.at, said.author, True)


async def test_a_copy_that_is_older_goes_on_where_it_ends(nodes: Company) -> None:
    await opened(nodes, "b", await carry(nodes, "a"))
    await nodes.say("a", "four")
    assert await opened(nodes, "b", await carry(nodes, "a")) == "1 entry came to shared, 3 were there already."
    assert await nodes.texts("b") == [*TEXTS, "four"]
    assert [event.apart for event in await history(nodes, "b")] == [False] * 4


async def test_who_is_stopped_in_the_middle_has_everything_once_in_the_end(nodes: Company) -> None:
    await asyncio.gather(*(nodes.say("a", f"{number}") for number in range(300)))
    path = await carry(nodes, "a")
    for last in (4, 6):
        with pytest.raises(Cancelled, match="entries came to shared"):
            await opened(nodes, "b", path, Watched(last))
    await opened(nodes, "b", path)
    assert [event.nonce for event in await history(nodes, "b")] == [event.nonce for event in await history(nodes, "a")]


@pytest.mark.parametrize(
    ("change", "cheats", "sentence"),
    [
        (lambda lines: lines[2]["body"].update(text="no"), True, "Line 3 was altered: Ada did not say that"),
        (lambda lines: lines[2]["body"].update(text="no"), False, "Line 3 was altered: Ada did not say that"),
        (lambda lines: lines[2]["author"].update(nick="Eve"), True, "Line 3 was altered: Eve did not say that"),
        (lambda lines: lines[2].pop("signature"), True, "Line 3 was altered"),
        (lambda lines: lines[0].update(room="0" * 32), True, "Line 2 was altered: Ada did not say that, or not in"),
        (lambda lines: lines[2].update(at=5), False, "Line 5: the file was changed .*: not what people said in it"),
        (lambda lines: lines.pop(2), False, "Line 4: there should be 3 events, and there are 2"),
        (lambda lines: lines[-1].update(signature="A" * 86), False, "Line 5 was altered: the file is not signed"),
        (lambda lines: lines[-1].update(by=OTHER_SEAL.id), False, "Line 5 was altered: the file is not signed"),
        (lambda lines: (lines[-1].pop("by"), lines[-1].pop("signature")), False, "The last line was altered: nobody"),
        (lambda lines: lines[0].update(owner=OTHER_SEAL.id), True, "Line 1 was altered: this room was not opened by"),
        (lambda lines: lines[0].update(term=2**40), True, "Line 1: term 1099511627776 is far in the future"),
        (lambda lines: lines[2].update(term=2), True, "Line 3: term 2 is none that this room can have had"),
        (lambda lines: lines[0].update(version=3), True, "Line 1: an older Lanchat wrote this file"),
    ],
)
async def test_an_altered_file_is_refused_with_what_was_altered_and_nothing_is_taken(
    nodes: Company, change: Callable[[list[Line]], object], cheats: bool, sentence: str
) -> None:
    path = await carry(nodes, "a")
    altered(path, change, OTHER_SEAL if cheats else None)
    with pytest.raises(InvalidArchive, match=sentence):
        await opened(nodes, "b", path)
    assert nodes.room not in nodes.servers["b"].node.rooms


async def test_the_rules_of_the_room_hold_for_what_comes_in_a_file(nodes: Company) -> None:
    await opened(nodes, "b", await carry(nodes, "a"))
    await nodes.servers["b"].node.rooms.continue_here(nodes.at("b"))
    await nodes.say("b", "b alone")
    path = await carry(nodes, "b")
    with patch.object(nodes.at("a").door, "check_post", side_effect=NotModerator):
        assert "1 may not be in it, by the rules of the room" in await opened(nodes, "a", path)
    assert await nodes.texts("a") == TEXTS


async def test_a_node_that_has_lost_its_own_room_is_told_how_to_get_it_back(nodes: Company) -> None:
    path = await carry(nodes, "a")
    await nodes.servers["a"].node.rooms.forget(nodes.at("a"))
    with pytest.raises(JobError, match="lanchat import"):
        await opened(nodes, "a", path)


async def test_a_full_disk_ends_it_and_opening_it_again_goes_on(nodes: Company) -> None:
    await opened(nodes, "b", await carry(nodes, "a"))
    await asyncio.gather(*(nodes.say("a", "word " * 200) for _ in range(300)))
    path = await carry(nodes, "a")
    await nodes.fill("b")
    with pytest.raises(DiskFull, match="of 303 entries are here; free some space and open it again"):
        await opened(nodes, "b", path)
    await nodes.free("b")
    await opened(nodes, "b", path)
    await eventually(lambda: nodes.at("b").top == 303, what="everything is here")


@pytest.mark.parametrize("count", [2_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
async def test_a_join_of_very_many_holds_a_few_of_them_at_a_time_and_shows_how_far_it_is(
    nodes: Company, count: int
) -> None:
    path = await carry(nodes, "a")
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    head = lines[0] | {"count": count}
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for seq in range(count + 1):
            author = {"id": "somebody-of-before", "nick": "Ada"}
            said = {"line": "event", "seq": seq, "nonce": f"n{seq}", "author": author, "at": 1, "kind": "message"}
            line = json.dumps(said | {"body": {"text": "word " * 20}, "term": 1} if seq else head).encode() + b"\n"
            digest.update(line)
            file.write(line)
        end: Line = {"line": "end", "count": count, "sha256": digest.hexdigest(), "by": OTHER_SEAL.id}
        file.write(json.dumps(end | {"signature": OTHER_SEAL.carry(nodes.room, end["sha256"])}).encode() + b"\n")
    progress = Watched()
    tracemalloc.start()
    await opened(nodes, "b", path, progress)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert nodes.servers["b"].node.journal.top(nodes.room) == count
    assert peak < 20_000_000
    assert len(progress.steps) > 50
    assert progress.steps[-1] == (count, count)
