"""Disks that are full, that the kernel makes read-only, that fail at a write, and whose power fails."""

import random
from pathlib import Path

import pytest

from lanchat import journal as chat
from lanchat.protocol import Event
from tests.recovery.crowd import CATCH_UP, Crowd, one_node, two_nodes
from tests.support.checker import Journal
from tests.support.conditions import eventually
from tests.support.faults import Disk, disk_full, lasting, power_cut, read_only, stopped, stunted


async def test_power_cut(tmp_path: Path, dice: random.Random) -> None:
    await power_cuts(tmp_path, dice, 3)


@pytest.mark.soak
async def test_many_power_cuts(tmp_path: Path, dice: random.Random) -> None:
    await power_cuts(tmp_path, dice, 30)


async def power_cuts(folder: Path, dice: random.Random, count: int) -> None:
    """What was acknowledged before the power failed is found afterwards."""
    with Disk(folder) as disk:
        async with one_node(disk.root) as crowd:
            await crowd.come(4, crowd.home.url)
            async with crowd.talking(dice, every=0.002):
                for number in range(count):
                    await crowd.more(dice.randrange(1, 60))
                    await lasting(dice.uniform(0, 0.1))
                    acknowledged = set(crowd.history.ok)
                    with stopped(crowd.home.pid), power_cut(disk, folder / f"{number}") as after:
                        database = after / "home" / "lanchat.db"
                        async with chat.Journal(database, ignore) as journal:
                            top = journal.top(crowd.room)
                        found = Journal.read("after the power cut", database)
                        assert found.damage == ""
                        assert acknowledged <= {entry.nonce for entry in found.entries}
                        assert [entry.seq for entry in found.entries] == list(range(1, top + 1))
            await crowd.verdict()


async def test_disk_full(tmp_path: Path, dice: random.Random) -> None:
    with Disk(tmp_path) as disk:
        async with one_node(disk.root) as crowd:
            await crowd.come(3, crowd.home.url)
            async with crowd.talking(dice):
                await crowd.more(50)
            await crowd.caught_up()
            with disk_full(disk):
                await fill(crowd)
                await refused(crowd, "disk_full")
                await join_and_read(crowd)
            # What waits is sent again by itself, and more can be said.
            await eventually(lambda: not any(chatter.outbox for chatter in crowd.chatters), CATCH_UP)
            async with crowd.talking(dice):
                await crowd.more(50)
            assert set().union(*(chatter.refusals for chatter in crowd.chatters)) == {"disk_full"}
            await crowd.verdict()


async def test_a_mirror_whose_disk_is_full_says_so_to_its_people_and_to_nobody_else(
    tmp_path: Path, dice: random.Random
) -> None:
    with Disk(tmp_path) as disk:
        async with two_nodes(tmp_path, far_folder=disk.root) as (crowd, _):
            far = crowd.nodes[1]
            near, (there, reader) = await crowd.come(3, crowd.home.url), await crowd.come(2, far.url)
            async with crowd.talking(dice):
                await crowd.more(30)
            await crowd.caught_up()
            before = list(reader.told_offline)  # until the link was there
            with disk_full(disk):
                while "disk_full" not in reader.told_refused:
                    near[0].say("x" * 4_000)
                    await eventually(lambda: not near[0].outbox, CATCH_UP, "it is said at home")
                    await lasting(0.01)
                there.say("not to be kept")
                await eventually(lambda: there.refusals, CATCH_UP, "the post is refused here")
                beats = near[0].beats
                await eventually(lambda: near[0].beats > beats + 2, CATCH_UP, "it was tried again")
                assert near[0].cursor.seq > reader.cursor.seq
            await crowd.caught_up()
            await eventually(lambda: reader.told_refused[-1] == "", CATCH_UP, "it is well again")
            assert set(there.refusals) == {"disk_full"}
            assert (near[0].told_gone, reader.told_offline) == ([], before), "the link was well all the time"
            await crowd.verdict()


async def test_read_only_disk(tmp_path: Path, dice: random.Random) -> None:
    with Disk(tmp_path) as disk:
        async with one_node(disk.root) as crowd:
            await crowd.come(3, crowd.home.url)
            async with crowd.talking(dice):
                await crowd.more(50)
            await crowd.caught_up()
            with read_only(disk):
                crowd.chatters[0].say("not to be kept")
                await eventually(lambda: crowd.chatters[0].refusals, CATCH_UP, "the post is refused")
                print(f"refused with {crowd.chatters[0].refusals[0]}")
                await join_and_read(crowd)
                crowd.home.kill()
            crowd.home.again()
            await crowd.home.ready()
            async with crowd.talking(dice):
                await crowd.more(50)
            await crowd.verdict(authors_in_order=False)


async def test_writes_that_fail(tmp_path: Path, dice: random.Random) -> None:
    async with one_node(tmp_path) as crowd:
        await crowd.come(3, crowd.home.url)
        async with crowd.talking(dice):
            await crowd.more(50)
        await crowd.caught_up()
        log = crowd.home.database.with_name("lanchat.db-wal")
        with stunted(crowd.home.pid, log.stat().st_size):
            await refused(crowd, "journal_failed")
            await join_and_read(crowd)
            assert {entry.nonce for entry in crowd.home.journal().entries} == crowd.history.ok
        await eventually(lambda: not any(chatter.outbox for chatter in crowd.chatters), CATCH_UP)
        async with crowd.talking(dice):
            await crowd.more(50)
        assert set().union(*(chatter.refusals for chatter in crowd.chatters)) == {"journal_failed"}
        await crowd.verdict(authors_in_order=False)


async def fill(crowd: Crowd) -> None:
    """Say long things until somebody is refused: a file may have some room left when the disk has none."""
    while not any(chatter.refusals for chatter in crowd.chatters):
        for chatter in crowd.chatters:
            if len(chatter.outbox) < 5:
                chatter.say("x" * 4_000)
        await lasting(0.01)


async def refused(crowd: Crowd, code: str) -> None:
    """See that everybody who says something now is told why it is not kept."""
    for chatter in crowd.chatters:
        chatter.refusals.clear()
        chatter.say("x" * 4_000)
    await eventually(lambda: all(chatter.refusals for chatter in crowd.chatters), CATCH_UP, "everybody is refused")
    assert {refusal for chatter in crowd.chatters for refusal in chatter.refusals} == {code}


async def join_and_read(crowd: Crowd) -> None:
    """Somebody who comes now reads everything that was said."""
    (late,) = await crowd.come(1, crowd.home.url)
    top = max(chatter.cursor.seq for chatter in crowd.chatters)
    assert top > 0
    await eventually(lambda: late.cursor.seq >= top, CATCH_UP, "everything can be read")


async def ignore(_room: str, _events: list[Event]) -> None:
    """In place of publishing."""
