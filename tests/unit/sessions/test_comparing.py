"""The owners of two real nodes compare words, at their windows and over a link."""

from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from lanchat.config import Config
from lanchat.identity.verification import book
from lanchat.journal import RoomRecord
from lanchat.lan.link import dialler
from lanchat.protocol import Author, Compare, Comparison, Error, Presence, Verified, Verify
from lanchat.sessions import comparing
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, Client, guest, link, serving, window
from tests.support.conditions import eventually

BEN = Author(id="k" * 43, nick="Ben")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links try again at once."""
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(dialler, "LONGEST_PAUSE", 0.1)


def config(tmp_path: Path, name: str) -> Config:
    return Config(bind="127.0.0.1", port=0, window_port=0, data_dir=tmp_path / name, name=name, nick=name.title())


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(config(tmp_path, "home")) as server:
        yield server


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(config(tmp_path, "far")) as server:
        yield server


async def mirror(far: Server, home: Server) -> str:
    """Let `far` keep a mirror of a room of `home`, as if it had been found on the network, and return its id."""
    room = await home.node.rooms.open("shared")
    at = home.lan_url.rstrip("/").rpartition("/")[2]
    record = RoomRecord(id=room.id, name="shared", home=home.node.info, addresses=(at,))
    with patch.object(far.node.network, "find", lambda **_: record):
        await far.node.rooms.enter(record.id)
    return room.id


async def meet(*clients: Client) -> None:
    """Let everybody enter the room, and see everybody else in it."""
    for client in clients:
        await client.enter("shared")
    for client in clients:
        for other in clients:
            if other is not client:
                await client.hear(Presence, lambda presence, other=other: other.me in presence.members)  # type: ignore[misc]


async def stands(client: Client, state: str) -> Comparison:
    return await client.hear(Comparison, lambda heard: heard.state == state and heard.ref == 0)


async def to_words(one: Client, other: Client, room: str) -> tuple[Comparison, Comparison]:
    begun = await one.ask(Compare(action="begin", room=room, person=other.me.id), Comparison)
    assert (begun.state, begun.person) == ("waiting", other.me)
    asked = await stands(other, "asked")
    assert (asked.person, asked.words) == (one.me, [])
    await other.ask(Compare(action="accept", transaction=asked.transaction), Comparison)
    return await stands(one, "words"), await stands(other, "words")


async def test_two_owners_verify_each_other_whoever_asks(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    for asking, asked in ((home, far), (far, home)):
        async with window(asking) as one, window(asked) as other:
            await meet(one, other)
            mine, theirs = await to_words(one, other, room)
            assert mine.words == theirs.words
            assert len(set(mine.words)) > 1
            await one.ask(Compare(action="match", transaction=mine.transaction), Comparison)
            assert (await stands(one, "confirmed")).words == mine.words
            await other.ask(Compare(action="match", transaction=mine.transaction), Comparison)
            for client in (one, other):
                await stands(client, "verified")
            assert (await one.hear(Verified, lambda said: bool(said.people))).people == [other.me.id]
    async with window(home) as again:
        assert (await again.hear(Verified)).people == [far.node.me.id]


async def test_between_two_mirrors_it_goes_by_way_of_the_home(tmp_path: Path, home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with serving(config(tmp_path, "third")) as third:
        await mirror(third, home)
        async with window(far) as one, window(third) as other, window(home) as between:
            await meet(one, other, between)
            mine, theirs = await to_words(one, other, room)
            assert mine.words == theirs.words
            await between.heard_nothing(Comparison, room)


async def test_words_that_differ_end_it_on_both_sides_at_every_window(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as one, window(home) as second, window(far) as other:
        await meet(one, other)
        mine, _ = await to_words(one, other, room)
        await stands(second, "words")
        ended = await one.ask(Compare(action="differ", transaction=mine.transaction), Comparison)
        assert (ended.state, ended.reason) == ("ended", "differ")
        for client in (second, other):
            assert (await stands(client, "ended")).reason == "differ"
        refused = await other.ask(Compare(action="match", transaction=mine.transaction), Error)
        assert refused.code == "no_such_comparison"
    assert home.node.comparing._book.verified == far.node.comparing._book.verified == []


async def test_a_window_that_opens_sees_what_is_open(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as one, window(far) as other:
        await meet(one, other)
        await one.ask(Compare(action="begin", room=room, person=other.me.id), Comparison)
        await stands(other, "asked")
        async with window(far) as late:
            assert (await stands(late, "asked")).person == one.me


async def test_a_home_that_changes_a_step_is_noticed(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    relayed = home.node.rooms.get(room)
    send = relayed.verify

    async def tamper(frame: Verify) -> None:
        data = "A" * 43 if frame.step == "key" else frame.data
        await send(msgspec.structs.replace(frame, data=data))

    async with window(home) as one, window(far) as other:
        await meet(one, other)
        with patch.object(relayed, "verify", tamper):
            await one.ask(Compare(action="begin", room=room, person=other.me.id), Comparison)
            asked = await stands(other, "asked")
            await other.ask(Compare(action="accept", transaction=asked.transaction), Comparison)
            for client in (one, other):
                assert (await stands(client, "ended")).reason == "failed"


async def test_it_ends_by_itself_when_nobody_answers(
    home: Server, far: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "TICK", 0.02)
    room = await mirror(far, home)
    async with window(home) as one, window(far) as other:
        await meet(one, other)
        await one.ask(Compare(action="begin", room=room, person=other.me.id), Comparison)
        await stands(other, "asked")
        monkeypatch.setattr(home.node.comparing._book, "_clock", lambda: 10**9)
        assert (await stands(one, "ended")).reason == "expired"
        assert (await stands(other, "ended")).reason == "expired"


async def test_only_the_owner_compares_and_only_with_somebody_there(home: Server) -> None:
    async with window(home) as owner, guest(home, "Ada") as ada, link(home, ELSEWHERE, "shared") as far:
        room = await owner.enter("shared")
        await ada.enter("shared")
        await far.enter("shared")
        begin = Compare(action="begin", room=room, person=BEN.id)
        for client, code in ((ada, "not_owner"), (far, "not_owner"), (owner, "cannot_compare")):
            assert (await client.ask(begin, Error)).code == code
        for person in (ada.me.id, owner.me.id):
            refused = await owner.ask(Compare(action="begin", room=room, person=person), Error)
            assert refused.code == "cannot_compare"
        refused = await ada.ask(Verify(room=room, to=owner.me.id, transaction="t", step="start", author=BEN), Error)
        assert refused.code == "invalid_frame"
        await ada.heard_nothing(Verified, room)
        await ada.heard_nothing(Comparison, room)


async def test_steps_of_strangers_are_bounded(home: Server) -> None:
    async with window(home) as owner:
        room = await owner.enter("shared")
        carry = home.node.rooms.get(room).verify  # as the gate and the checks of links let them through
        people = [Author(id=f"{number:043}", nick="Ben") for number in range(book.MOST_OPEN + 3)]
        for number, person in enumerate(people):
            await carry(Verify(room=room, to=owner.me.id, transaction=f"t{number}", step="start", author=person))
        for _ in range(book.MOST_OPEN):
            await stands(owner, "asked")
        await eventually(home.node.comparing._steps.empty)
        await owner.heard_nothing(Comparison, room)
        assert len(home.node.comparing._book.shown()) == book.MOST_OPEN
        step = Verify(room=room, to=owner.me.id, transaction="t0", step="key", data="x" * 64, author=people[0])
        await carry(step)
        await carry(msgspec.structs.replace(step, transaction="t1", author=BEN))
        assert (await stands(owner, "ended")).reason == "failed"
        assert len(home.node.comparing._book.shown()) == book.MOST_OPEN - 1


async def test_a_link_compares_for_the_person_of_its_node_only(home: Server) -> None:
    async with window(home) as owner, link(home, ELSEWHERE, "shared") as far:
        room = await owner.enter("shared")
        await far.enter("shared")
        step = Verify(room=room, to=owner.me.id, transaction="t", step="start", author=BEN)
        assert (await far.ask(step, Error)).code == "invalid_frame"
        await owner.heard_nothing(Comparison, room)
