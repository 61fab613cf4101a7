"""What a mirror had is in a file before it begins again, or it does not begin again."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.archive.set_aside import SetAside
from lanchat.errors import JobError, LanchatError
from lanchat.identity.keys import PersonKey
from lanchat.identity.owner import Owner
from lanchat.journal import Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.notify.notifications import Notifications
from lanchat.protocol import Author, Notification
from lanchat.rooms.room import Room
from tests.support.clock import Clock
from tests.support.rooms.members import Listener
from tests.support.rooms.said import THERE, draft, event
from tests.support.sessions import Recorder

KEY = PersonKey.new()
OWNER = Author(id=KEY.id, nick="Ada")


@pytest.fixture
def ada() -> Recorder:
    return Recorder()


@pytest.fixture
async def copies(
    tmp_path: Path, published: Journal, layer: InMemoryChannelLayer, ada: Recorder
) -> AsyncIterator[SetAside]:
    async with Notifications(layer) as notifications:
        await notifications.arrive(OWNER, ada)
        yield SetAside(tmp_path / "set-aside", published, notifications, Owner(published, KEY, OWNER.nick), Limits())
        await notifications.leave(OWNER, ada)


async def test_the_copy_is_in_a_file_and_what_waits_still_waits(
    copies: SetAside, mirror: Room, published: Journal, layer: InMemoryChannelLayer, ada: Recorder
) -> None:
    await published.mirror("m1", [event(1, "one", room="m1"), event(2, "two", room="m1")])
    await published.enqueue(draft("waits", room="m1", nonce="w"))
    listener = await Listener.of(layer, mirror.group)
    await copies.set_aside(mirror)
    (kept,) = (published.path.parent / "set-aside").iterdir()
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [line["body"]["text"] for line in lines[1:-1]] == ["one", "two"]
    assert (published.top("m1"), await published.after("m1", 0, 10)) == (0, [])
    assert [waiting.nonce for _, waiting in await published.outbox("m1")] == ["w"]
    assert [record.home for record in await published.rooms() if record.id == "m1"] == [THERE]
    assert [frame["type"] for frame in listener.frames] == ["start_over"]
    (heard,) = ada.heard
    assert isinstance(heard, Notification)
    assert str(kept) in heard.text


async def test_the_mirror_takes_the_other_history_from_its_beginning(
    copies: SetAside, mirror: Room, published: Journal
) -> None:
    await published.mirror("m1", [event(1, "one", room="m1"), event(2, "two", room="m1")])
    await copies.set_aside(mirror)
    await published.mirror("m1", [event(1, "other", room="m1", nonce="n")])
    assert [said.body.text for said in await published.after("m1", 0, 10)] == ["other"]


async def test_two_copies_of_one_day_have_two_names(
    tmp_path: Path, copies: SetAside, mirror: Room, clock: Clock
) -> None:
    for _ in range(2):
        await copies.set_aside(mirror)
        clock.advance(3601)
    assert len(list((tmp_path / "set-aside").iterdir())) == 2


async def test_a_history_that_is_replaced_in_a_loop_is_set_aside_once_an_hour(
    tmp_path: Path, copies: SetAside, mirror: Room, published: Journal, clock: Clock
) -> None:
    await copies.set_aside(mirror)
    await published.mirror("m1", [event(1, "one", room="m1")])
    for _ in range(220):
        with pytest.raises(JobError, match="once more, within an hour"):
            await copies.set_aside(mirror)
    assert published.top("m1") == 1
    clock.advance(3601)
    await copies.set_aside(mirror)
    assert len(list((tmp_path / "set-aside").iterdir())) == 2


@pytest.mark.parametrize("few", [Limits(set_aside_files=1), Limits(set_aside_bytes=10)])
async def test_the_folder_is_bounded_and_nothing_in_it_thrown_away(  # noqa: PLR0917
    tmp_path: Path, copies: SetAside, mirror: Room, clock: Clock, monkeypatch: pytest.MonkeyPatch, few: Limits
) -> None:
    monkeypatch.setattr(copies, "_limits", few)
    await copies.set_aside(mirror)
    clock.advance(3601)
    with pytest.raises(JobError, match=r"is full: 1 files, .* move files away"):
        await copies.set_aside(mirror)
    (kept,) = (tmp_path / "set-aside").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_without_a_place_for_the_file_the_mirror_stays_as_it_is(
    tmp_path: Path, copies: SetAside, mirror: Room, published: Journal
) -> None:
    await published.mirror("m1", [event(1, "one", room="m1")])
    (tmp_path / "set-aside").write_text("a file is in the way")
    with pytest.raises(LanchatError):
        await copies.set_aside(mirror)
    assert published.top("m1") == 1
