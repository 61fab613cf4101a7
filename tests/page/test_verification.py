"""Two people with a Lanchat each compare words: two nodes, two browsers."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import expect

from lanchat.journal import RoomRecord
from tests.page.conftest import Come, House
from tests.page.person import LOBBY, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def other_house(house: House, tmp_path: Path) -> AsyncIterator[House]:
    """Another node, with a mirror of LOBBY as if it had been found on the network."""
    ours = {"data_dir": tmp_path / "other", "name": "desk", "nick": "Olga", "room": f"Desk {os.getpid()}"}
    other = House(msgspec.structs.replace(house.config, port=0, window_port=0, **ours))
    await other.start()
    home = house.server.node
    room = await home.rooms.open(LOBBY)
    address = house.guest_url.removeprefix("http://").rstrip("/")
    record = RoomRecord(id=room.id, name=LOBBY, home=home.info, addresses=(address,))
    with patch.object(other.server.node.network, "find", lambda **_: record):
        await other.server.node.rooms.enter(room.id)
    yield other
    await other.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def olga(come: Come, window: Person, other_house: House) -> Person:
    """The owner of the other node, in the same room as the owner of the first."""
    olga = await come(other_house.server.new_window_url())
    await olga.open(LOBBY)
    for person in (window, olga):
        await expect(person.see("member")).to_have_count(2)
    return olga


async def to_words(asking: Person, asked: Person) -> list[str]:
    """Let one ask and the other agree, and give the words that both see."""
    await asking.see("compare-words").click()
    await expect(asking.see("compare")).to_have_attribute("data-state", "waiting")
    await asked.see("compare-accept").click()
    words = []
    for person in (asking, asked):
        await expect(person.see("compare")).to_have_attribute("data-state", "words")
        words.append(await person.see("compare-list").locator("li").all_text_contents())
    assert words[0] == words[1]
    return words[0]


async def test_two_people_verify_each_other(window: Person, olga: Person, come: Come, other_house: House) -> None:
    await olga.say("Is that you, Ingrid?")
    words = await to_words(window, olga)
    assert len(words) == 6
    await window.see("compare-match").click()
    await expect(window.see("compare")).to_have_attribute("data-state", "confirmed")
    await expect(window.see("verified")).to_have_count(0)
    await olga.see("compare-match").click()
    for person in (window, olga):
        await expect(person.see("compare")).to_have_attribute("data-state", "verified")
        await person.see("compare-close").click()
        await expect(person.see("compare")).to_have_count(0)
        await expect(person.see("member").get_by_test_id("verified")).to_have_count(1)
        await expect(person.see("member").get_by_test_id("compare-words")).to_have_count(0)
    await expect(window.see("message").get_by_test_id("verified")).to_have_count(1)
    await expect(olga.see("message").get_by_test_id("verified")).to_have_count(0)

    again = await come(other_house.server.new_window_url())
    await again.open(LOBBY)
    await expect(again.see("member").get_by_test_id("verified")).to_have_count(1)


async def test_words_that_differ_warn_both_and_verify_nobody(window: Person, olga: Person) -> None:
    await to_words(olga, window)
    await olga.see("compare-match").click()
    await window.see("compare-differ").click()
    for person in (window, olga):
        await expect(person.see("compare-warning")).to_contain_text("The words differ")
        await person.page.keyboard.press("Escape")
        await expect(person.see("compare")).to_have_count(0)
        await expect(person.see("verified")).to_have_count(0)


async def test_who_does_not_want_to_is_not_asked_again_at_once(window: Person, olga: Person) -> None:
    await window.see("compare-words").click()
    await olga.see("compare-close").click()
    await expect(olga.see("compare")).to_have_count(0)
    await expect(window.see("compare-warning")).to_contain_text("gave it up")
    await window.see("compare-close").click()
    await window.see("compare-words").click()
    await expect(window.see("compare")).to_have_attribute("data-state", "waiting")
    await window.see("compare-close").click()
    await expect(olga.see("compare")).to_have_count(0)


async def test_a_guest_compares_with_nobody(window: Person, olga: Person, guest: Person) -> None:
    for person in (window, olga, guest):
        await expect(person.see("member")).to_have_count(3)
    await expect(window.see("member").get_by_test_id("compare-words")).to_have_count(1)
    await expect(guest.see("member").get_by_test_id("compare-words")).to_have_count(0)
