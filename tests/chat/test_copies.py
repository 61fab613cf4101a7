"""What a mirror had is in a file before it begins again, or it does not begin again."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.chat.copies import Copies
from lanchat.chat.journal import Journal
from lanchat.chat.notices import Notices
from lanchat.chat.owner import Owner
from lanchat.chat.room import Room
from lanchat.errors import LanchatError
from lanchat.layers import InMemoryChannelLayer
from tests.chat.members import Listener
from tests.chat.said import ADA, THERE, draft, event


@pytest.fixture
async def heard() -> list[bytes]:
    return []


@pytest.fixture
async def copies(
    tmp_path: Path, published: Journal, layer: InMemoryChannelLayer, heard: list[bytes]
) -> AsyncIterator[Copies]:
    async with Notices(layer) as notices:
        await notices.arrive(ADA, heard.append)
        yield Copies(tmp_path / "set-aside", published, notices, Owner(published, ADA))
        await notices.leave(ADA, heard.append)


async def test_the_copy_is_in_a_file_and_what_waits_still_waits(
    copies: Copies, mirror: Room, published: Journal, layer: InMemoryChannelLayer, heard: list[bytes]
) -> None:
    await published.mirror("m1", [event(1, "one", room="m1"), event(2, "two", room="m1")])
    await published.put_out(draft("waits", room="m1", nonce="w"))
    listener = await Listener.of(layer, mirror.group)
    await copies.set_aside(mirror)
    (kept,) = (published.path.parent / "set-aside").iterdir()
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [line["body"]["text"] for line in lines[1:-1]] == ["one", "two"]
    assert (published.top("m1"), await published.after("m1", 0, 10)) == (0, [])
    assert [waiting.nonce for _, waiting in await published.outbox("m1")] == ["w"]
    assert [record.home for record in await published.rooms() if record.id == "m1"] == [THERE]
    assert [frame["type"] for frame in listener.frames] == ["start_over"]
    assert str(kept) in json.loads(heard[0])["text"]


async def test_the_mirror_takes_the_other_history_from_its_beginning(
    copies: Copies, mirror: Room, published: Journal
) -> None:
    await published.mirror("m1", [event(1, "one", room="m1"), event(2, "two", room="m1")])
    await copies.set_aside(mirror)
    await published.mirror("m1", [event(1, "other", room="m1", nonce="n")])
    assert [said.body.text for said in await published.after("m1", 0, 10)] == ["other"]


async def test_two_copies_of_one_day_have_two_names(tmp_path: Path, copies: Copies, mirror: Room) -> None:
    for _ in range(2):
        await copies.set_aside(mirror)
    assert len(list((tmp_path / "set-aside").iterdir())) == 2


async def test_without_a_place_for_the_file_the_mirror_stays_as_it_is(
    tmp_path: Path, copies: Copies, mirror: Room, published: Journal
) -> None:
    await published.mirror("m1", [event(1, "one", room="m1")])
    (tmp_path / "set-aside").write_text("a file is in the way")
    with pytest.raises(LanchatError):
        await copies.set_aside(mirror)
    assert published.top("m1") == 1
