"""Rooms of one name that meet: real nodes on two islands."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from lanchat.errors import JournalFailed, NotYours, StaysApart
from lanchat.journal.stores import UnionStore
from lanchat.lan.directory import offers, unions
from lanchat.lan.discovery import FoundRoom
from lanchat.lan.link.outflow import Outflow
from lanchat.protocol import Rule, unverified_id
from lanchat.rooms import declare
from tests.support.conditions import eventually
from tests.support.rooms.company import ADA
from tests.support.rooms.islands import Islands, islands


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unions, "SETTLE", 0.1)
    monkeypatch.setattr(unions, "REST", 0.5)
    monkeypatch.setattr(offers, "REST", 0.5)


async def test_two_islands_of_three_become_one_room_with_everything_once_and_with_its_times(tmp_path: Path) -> None:
    async with islands(tmp_path, "a", "b", "c") as both:
        await both.speak()
        before = {event.nonce: event for event in await both.goes.servers["a"].node.journal.after(both.origin, 0, 9)}
        both.see()
        await both.have_met()
        both.goes.room = both.stays.room
        texts = await both.all_have(6)
        assert texts[:3] == ["sa", "sb", "sc"]
        assert texts[3:] == ["ga", "gb", "gc"]
        for event in (await both.history(both.stays, "b"))[3:]:
            said = before[event.nonce]
            assert (event.at, event.author, event.apart) == (said.at, said.author, True)
            assert event.body.origin == both.origin
        await both.goes.say("b", "together")
        assert (await both.all_have(7))[-1] == "together"


async def test_a_node_that_was_away_learns_from_the_other_room_where_its_own_is_and_brings_what_waits(
    tmp_path: Path,
) -> None:
    async with islands(tmp_path, "a", "b", "c") as both:
        await both.speak()
        await both.goes.kill("c")
        both.see("ab")
        await both.have_met("a", "b")
        await both.goes.start("c")
        assert await both.goes.say("c", "c alone") is None
        both.see("c")
        await both.have_met("c")
        both.goes.room = both.stays.room
        assert sorted(await both.all_have(7)) == sorted(["sa", "sb", "sc", "ga", "gb", "gc", "c alone"])


async def test_the_home_of_the_other_room_may_die_in_the_middle_and_so_may_who_brings(tmp_path: Path) -> None:
    async with islands(tmp_path, "a") as both:
        await both.speak()

        async def fail(*_: object) -> None:
            raise JournalFailed

        async def hang(*_: object) -> None:
            await asyncio.Event().wait()

        with patch.object(Outflow, "run", hang):
            with patch.object(UnionStore, "pass_on", fail):
                both.see()
                await eventually(lambda: both.goes.at("a").door.policy.heir is not None)
                assert await both.goes.texts("a") == ["ga", both.goes.at("a").door.policy.heir.body.text]  # type: ignore[union-attr]
            await both.have_met()
            await both.stays.kill("a")
            await both.goes.kill("a")
        await both.stays.start("a")
        await both.goes.start("a")
        both.goes.room = both.stays.room
        assert await both.all_have(2) == ["sa", "ga"]


async def test_edits_reactions_and_deletions_follow_and_an_author_may_still_change_what_they_said(
    tmp_path: Path,
) -> None:
    async with islands(tmp_path, "a") as both:
        await both.speak()
        (said,) = await both.goes.servers["a"].node.journal.after(both.origin, 0, 1)
        await both.goes.change("a", said.nonce, "reaction")
        both.see()
        await both.have_met()
        both.goes.room = both.stays.room
        await both.all_have(3)
        await both.goes.change("a", said.nonce, "edit")
        await both.all_have(4)
        with pytest.raises(NotYours):
            await both.stays.change("a", said.nonce, "edit")
        await both.goes.change("a", said.nonce, "deletion")
        await both.all_have(5)
        kinds = [(event.kind, event.body.origin) for event in await both.history(both.stays, "a")]
        assert kinds[1:] == [("message", both.origin), ("reaction", both.origin), ("edit", ""), ("deletion", "")]


async def test_any_other_room_goes_on_as_another_when_its_owner_wishes_it(tmp_path: Path) -> None:
    async with islands(tmp_path, "a", "b", called="lounge") as both:
        await both.speak()
        both.see()
        node = both.goes.servers["a"].node
        await node.unions.look()
        await node.unions.look()
        assert both.goes.at("a").door.policy.heir is None
        with pytest.raises(StaysApart, match="Only the person who opened"):
            await both.goes.servers["b"].node.unions.unite(both.goes.at("b"), both.stays.room)
        await node.unions.unite(both.goes.at("a"), both.stays.room)
        await both.have_met()
        both.goes.room = both.stays.room
        assert await both.all_have(4) == ["sa", "sb", "ga", "gb"]


async def test_a_room_that_is_a_day_old_is_for_a_person_to_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner would be another one, who may delete it for everybody; ids can be ground."""
    monkeypatch.setattr(unions, "YOUNG", -1)
    monkeypatch.setattr(unions, "SETTLE", 0.0)
    async with islands(tmp_path, "a", "b") as both:
        await both.speak()
        both.see()
        for _ in range(3):
            await both.goes.servers["a"].node.unions.look()
        assert both.goes.at("a").door.policy.heir is None
        await both.goes.servers["a"].node.unions.unite(both.goes.at("a"), both.stays.room)
        await both.have_met()


async def test_a_node_that_has_both_rooms_and_is_the_home_of_the_other_numbers_them_at_once(tmp_path: Path) -> None:
    async with islands(tmp_path, "a", "b", called="lounge") as both:
        await both.speak()
        host, there = both.stays.servers["a"].node, both.home(both.goes)
        host.network.discovery._finder.found = MappingProxyType({there.id: there})
        await host.rooms.enter(there.id)
        await eventually(lambda: host.journal.top(there.id) == 2)
        both.see()
        await both.goes.servers["a"].node.unions.unite(both.goes.at("a"), both.stays.room)
        await both.have_met()
        await eventually(lambda: there.id not in host.rooms, what="it has one of them")
        both.goes.room = both.stays.room
        assert await both.all_have(4) == ["sa", "sb", "ga", "gb"]


def nowhere(both: Islands) -> list[FoundRoom]:
    return []


def renamed(both: Islands) -> list[FoundRoom]:
    return [replace(both.home(both.stays), name="Yard")]


def closed(both: Islands) -> list[FoundRoom]:
    return [replace(both.home(both.stays), door="invite")]


@pytest.mark.parametrize("found", [nowhere, renamed, closed])
async def test_rooms_stay_apart_that_have_another_name_or_a_door_or_are_not_there(
    tmp_path: Path, found: Callable[[Islands], list[FoundRoom]]
) -> None:
    async with islands(tmp_path, "a", called="lounge") as both:
        await both.speak()
        node = both.goes.servers["a"].node
        with (
            patch.object(node.network.discovery._finder, "found", {each.id: each for each in found(both)}),
            pytest.raises(StaysApart, match="both without a door"),
        ):
            await node.unions.unite(both.goes.at("a"), both.stays.room)


async def test_the_room_with_the_smaller_id_stays_and_so_does_one_whose_rules_or_words_cannot_go_along(
    tmp_path: Path,
) -> None:
    async with islands(tmp_path, "a") as both:
        await both.speak()
        node, room = both.goes.servers["a"].node, both.goes.at("a")
        other = both.stays.servers["a"].node
        with (
            patch.object(other.network.discovery._finder, "found", {both.origin: both.home(both.goes)}),
            pytest.raises(StaysApart, match="is the one that goes on as this"),
        ):
            await other.unions.unite(both.stays.at("a"), both.origin)
        await declare(room, node.owner, Rule(change="ban", person=ADA.id))
        both.see()
        await node.unions.look()
        with pytest.raises(StaysApart, match="take those rules back"):
            await node.unions.unite(room, both.stays.room)
        await declare(room, node.owner, Rule(change="ban", person=ADA.id, on=False))
        with (
            patch.object(UnionStore, "is_provable", return_value=False),
            pytest.raises(StaysApart, match="is not signed"),
        ):
            await node.unions.unite(room, both.stays.room)
        assert unverified_id(ADA.id)
        assert room.id in node.rooms


async def test_whoever_announces_a_room_without_being_its_home_is_given_nothing(tmp_path: Path) -> None:
    async with islands(tmp_path, "a") as both:
        await both.speak()
        node = both.goes.servers["a"].node
        forged = replace(both.home(both.stays), id="0" * 32, owner="", salt="")
        with patch.object(node.network.discovery._finder, "found", {forged.id: forged}):
            for _ in range(3):
                await node.unions.look()
            assert both.goes.at("a").door.policy.heir is None
            with pytest.raises(StaysApart, match="does not answer"):
                await node.unions.unite(both.goes.at("a"), forged.id)
