"""Real nodes in one process decide together who numbers a room."""

import asyncio
import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest

from lanchat.errors import DiskFull
from lanchat.journal import Journal
from lanchat.rooms.house import RoomHouse
from lanchat.rooms.quorum import Seat
from lanchat.rooms.quorum import seat as module
from lanchat.rooms.quorum.trust import roll
from tests.support.conditions import LONG, eventually
from tests.support.rooms.company import Company, company
from tests.support.rooms.said import HERE, THERE, record
from tests.support.rooms.seats import FakeHouse


async def test_whoever_has_everything_votes(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        kept = await nodes.say("a", "one")
        assert kept is not None
        assert kept.event.seq == 1
        await nodes.say("b", "two")
        await nodes.all_have(["one", "two"])


async def test_the_room_goes_on_when_its_home_dies_and_what_it_said_alone_is_said_again(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.say("a", "one")
        await nodes.all_have(["one"])
        await nodes.kill("a")
        await eventually(lambda: nodes.home() != "", what="another node is home")
        await nodes.say(nodes.home(), "two")
        other = next(name for name in nodes.servers if name != nodes.home())
        await nodes.say(other, "three")
        await nodes.all_have(["one", "two", "three"])
        await nodes.start("a")
        await eventually(lambda: nodes.at("a").kind == "mirror" and nodes.at("a").info.online, what="a follows")
        await nodes.say("a", "four")
        await nodes.all_have(["one", "two", "three", "four"])


async def test_a_home_that_comes_back_once_others_decide_without_it_is_one_of_them_again(tmp_path: Path) -> None:
    """It takes as long as voters wait for a home, and for one that is silent."""
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.say("a", "one")
        await nodes.all_have(["one"])
        await nodes.kill("a")
        with patch.object(roll, "SILENT", 1.5):
            await nodes.voting(2)
        await nodes.say(nodes.home(), "two")
        await nodes.start("a")
        await nodes.voting(3)
        await eventually(lambda: nodes.at("a").info.online, what="a follows")
        await nodes.say("a", "three")
        await nodes.all_have(["one", "two", "three"])


async def test_who_leaves_hands_over(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b") as nodes:
        await nodes.voting(2)
        await nodes.say("a", "one")
        await nodes.all_have(["one"])
        await nodes.stop("a")
        await eventually(lambda: nodes.home() == "b", what="b is home")
        await nodes.say("b", "two")
        await nodes.all_have(["one", "two"])
        await asyncio.sleep(0)


async def test_somebody_goes_on_alone_and_the_branches_are_joined_when_they_meet(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b") as nodes:
        await nodes.voting(2)
        await nodes.say("a", "together")
        await nodes.all_have(["together"])
        await nodes.kill("b")
        await nodes.say("a", "a alone")
        await nodes.kill("a")
        await nodes.start("b")
        await nodes.say("b", "b alone")
        assert await nodes.texts("b") == ["together"]
        await nodes.servers["b"].node.rooms.continue_here(nodes.at("b"))
        await nodes.say("b", "b goes on")
        assert await nodes.texts("b") == ["together", "b alone", "b goes on"]
        await nodes.start("a")
        joined = ["together", "b alone", "b goes on", "a alone"]
        await eventually(lambda: nodes.at("a").kind == "mirror" and nodes.at("a").top == 4, what="a has joined")
        await nodes.all_have(joined)
        events = [await nodes.servers[name].node.journal.after(nodes.room, 0, 9) for name in "ab"]
        assert (
            [event.apart for event in events[0]] == [event.apart for event in events[1]] == [False, False, False, True]
        )
        assert [event.nonce for event in events[0]] == [event.nonce for event in events[1]]
        assert events[0][3].at <= events[0][1].at, "it was said before"
        await nodes.voting(2)


async def test_who_has_waited_long_enough_goes_on_by_itself_and_both_sides_are_joined(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b") as nodes:
        await nodes.voting(2)
        await nodes.say("a", "together")
        await nodes.all_have(["together"])
        await nodes.kill("a")
        await nodes.say("b", "it waits")
        with patch.object(RoomHouse, "patience", 0.5):
            await eventually(lambda: nodes.at("b").info.alone, what="b goes on by itself")
        await nodes.say("b", "b goes on")
        await nodes.all_have(["together", "it waits", "b goes on"])
        await nodes.start("a")
        await eventually(lambda: nodes.at("a").kind == "mirror" and nodes.at("a").top == 3, what="a has joined")
        await nodes.voting(2)
        assert not nodes.at("b").info.alone


async def test_nobody_goes_on_by_itself_where_the_room_has_not_said_so_or_does_not_vote(journal: Journal) -> None:
    await journal.put_room(record(home=THERE))
    house = FakeHouse(record(home=THERE))
    seat = Seat(house, HERE, journal)
    times = iter(range(0, 1_000, 100))
    with patch.object(module, "clock", lambda: float(next(times))):
        for patience in (0.0, 0.0, 10.0, 10.0):  # in the end it might, but has no log
            house.patience = patience
            seat.tick()
    assert (seat.numbering, seat.voter, house.record.home) == (True, None, THERE)
    await seat.close()


async def test_each_node_knows_where_the_others_vote_and_the_home_leaves_out_who_is_silent(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)

        def known(name: str) -> set[tuple[str, str]]:
            seat = nodes.at(name).seat
            return {(other.name, other.address) for other in seat.others} if seat is not None else set()

        there = {name: (name, f"127.0.0.1:{nodes.ports[name]}") for name in "abc"}
        await eventually(lambda: known("a") == {there["b"], there["c"]}, what="the home knows both")
        for name, other in (("b", "c"), ("c", "b")):
            await eventually(lambda n=name, o=other: known(n) == {there["a"], there[o]}, what="each knows the others")  # type: ignore[misc]
        assert nodes.at("b").seat.others[0].name == "a", "the home is heard all the time"  # type: ignore[union-attr]
        await nodes.kill("c")
        await eventually(lambda: known("a") == {there["b"]}, what="the home hears that one is gone")


async def filled(nodes: Company, name: str) -> list[str]:
    """Say long things at a node whose disk is full until one fails, and return those that were kept."""
    kept: list[str] = []

    async def fill() -> None:
        for number in range(100):
            text = f"{number} at {name} " + "too much " * 400
            await nodes.say(name, text)
            kept.append(text)

    with pytest.raises(DiskFull):
        await fill()
    return kept


async def repeated(nodes: Company, name: str, text: str) -> None:
    """Say something until it is kept, as somebody does whose last post has failed."""

    async def kept() -> bool:
        with contextlib.suppress(DiskFull):
            await nodes.say(name, text)
            return True
        return False

    again: bool = await eventually(kept, what="it is kept")
    assert again


async def settled(nodes: Company, texts: Sequence[str]) -> None:
    """Wait until all have these, each once, in one order."""
    for name in nodes.servers:
        await eventually(lambda n=name: nodes.at(n).top >= len(texts), what=f"{name} has all")  # type: ignore[misc]
    histories = [await nodes.texts(name) for name in nodes.servers]
    assert sorted(histories[0]) == sorted(texts)
    assert all(history == histories[0] for history in histories)


async def test_a_full_disk_at_one_voter_holds_nobody_up(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.fill("c")
        said = [str(number) + " word" * 700 for number in range(8)]
        for text in said:
            assert await nodes.say("a", text) is not None, "two of three disks are enough"
        assert nodes.at("c").top < len(said)
        await nodes.free("c")
        await settled(nodes, said)


async def test_a_full_disk_at_the_home_loses_nothing_and_the_room_goes_on(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.say("a", "one")
        await nodes.all_have(["one"])
        await nodes.fill("a")
        kept = await filled(nodes, "a")
        assert (await nodes.texts("a"))[0] == "one", "reading goes on"
        await nodes.say("b", "two")
        await nodes.free("a")
        await settled(nodes, ["one", *kept, "two"])


async def test_full_disks_at_all_are_said_and_reading_goes_on(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.say("a", "one")
        await nodes.all_have(["one"])
        for name in "abc":
            await nodes.fill(name)
        kept = [text for name in "abc" for text in await filled(nodes, name)]
        for name in "abc":
            assert (await nodes.texts(name))[0] == "one"
            await nodes.free(name)
        await repeated(nodes, "b", "two")
        await settled(nodes, ["one", *kept, "two"])


async def test_a_home_whose_wall_clock_is_days_ahead_moves_nothing(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        with patch("time.time_ns", lambda: 2_000_000_000 * 10**9):
            await nodes.say("a", "from the future")
        await nodes.all_have(["from the future"])
        await nodes.kill("a")
        await eventually(lambda: nodes.home() != "", what="another node is home")
        await nodes.say(nodes.home(), "now")
        await nodes.start("a")
        await nodes.all_have(["from the future", "now"])
        events = await nodes.servers["b"].node.journal.after(nodes.room, 0, 9)
        assert events[0].at > events[1].at, "times are for show; numbers are the order"


async def test_two_homes_of_one_id_end_in_one_room_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.say("a", "one")
        await nodes.all_have(["one"])
        await nodes.kill("a")
        shutil.copytree(tmp_path / "a", tmp_path / "clone")
        await nodes.start("a")
        await nodes.say("b", "two")
        await nodes.all_have(["one", "two"])
        await nodes.start("clone")  # of the same keys, with an older copy
        await nodes.say("b", "three")
        await nodes.say("c", "four")
        del nodes.servers["clone"]  # one of the two has to get other keys before it is a machine like any other
        await settled(nodes, ["one", "two", "three", "four"])


async def test_a_home_retires_with_everybody_who_decides_and_goes_on_when_it_has_to(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.say("a", "before")
        home = nodes.at("a").seat
        assert home is not None
        await home.retire(LONG)
        seats = [seat for name in "bc" if (seat := nodes.at(name).seat) is not None]
        assert [seat.voters for seat in seats] == [(home.me,), (home.me,)]
        waiting = asyncio.ensure_future(nodes.say("a", "meanwhile"))
        assert await waiting is None
        await home.resume()
        await nodes.all_have(["before", "meanwhile"])
        await nodes.voting(3)
        for name in "bc":
            await nodes.kill(name)
        with pytest.raises(TimeoutError):
            await home.retire(0.5)
        assert home.numbering or home.voter is not None
