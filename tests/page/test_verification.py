"""Two people with a Lanchat each compare words: two nodes, two browsers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.page.conftest import Come, House, another
from tests.page.person import LOBBY, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def other_house(house: House, tmp_path: Path) -> AsyncIterator[House]:
    """Another node, with a mirror of LOBBY."""
    async with another(house, tmp_path / "other", name="desk", nick="Olga") as other:
        yield other


@pytest_asyncio.fixture(loop_scope="session")
async def olga(come: Come, window: Person, other_house: House) -> Person:
    """The owner of the other node, in the same room as the owner of the first."""
    olga = await come(other_house.server.new_window_url())
    await olga.open(LOBBY)
    for person in (window, olga):
        await expect(person.see("member")).to_have_count(2)
    return olga


async def ask(person: Person) -> None:
    """Ask the only other person in the room to compare words."""
    await person.see("person-menu").click()
    await person.see("compare-words").click()


async def offers(person: Person) -> int:
    """Return with how many people somebody can compare words, by the menu beside each."""
    count = 0
    for menu in await person.see("person-menu").all():
        await menu.click()
        await expect(menu).to_have_attribute("aria-expanded", "true")
        count += await person.see("compare-words").count()
        await menu.press("Escape")
    return count


async def to_words(asking: Person, asked: Person) -> list[str]:
    """Let one ask and the other agree, and give the words that both see."""
    await ask(asking)
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
        assert await offers(person) == 0
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
    await ask(window)
    await olga.see("compare-close").click()
    await expect(olga.see("compare")).to_have_count(0)
    await expect(window.see("compare-warning")).to_contain_text("gave it up")
    await window.see("compare-close").click()
    await ask(window)
    await expect(window.see("compare")).to_have_attribute("data-state", "waiting")
    await window.see("compare-close").click()
    await expect(olga.see("compare")).to_have_count(0)


async def test_a_guest_compares_with_nobody(window: Person, olga: Person, guest: Person) -> None:
    for person in (window, olga, guest):
        await expect(person.see("member")).to_have_count(3)
    await expect(window.see("person-menu")).to_have_count(2)
    assert [await offers(person) for person in (window, guest)] == [1, 0]
