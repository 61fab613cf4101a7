"""A room on a stick: real nodes, of which one gets it from a file."""

import asyncio
import hashlib
import json
import tracemalloc

import pytest

from lanchat.archive.progress import Cancelled
from lanchat.errors import DiskFull
from tests.support.archive.shelf import Watched
from tests.support.archive.stick import TEXTS, Line, carry, history, opened
from tests.support.conditions import eventually
from tests.support.identity import OTHER_SEAL
from tests.support.rooms.company import Company


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
