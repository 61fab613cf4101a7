"""Nobody is taken for somebody else: people and rooms whose names look alike are told apart."""

from urllib.parse import quote

import pytest
from playwright.async_api import Browser, expect

from tests.page.conftest import Come, House
from tests.page.person import TEA, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")
INGRID = "\N{CYRILLIC CAPITAL LETTER BYELORUSSIAN-UKRAINIAN I}ngrid"
"""Looks like the owner's name, and has another first letter."""


async def test_a_guest_who_takes_the_owners_name_is_marked_for_everybody(window: Person, guest: Person) -> None:
    await window.say("I am Ingrid.")
    for name in ("Ingrid", INGRID):
        await guest.see("nick").fill(name)
        await guest.see("nick").press("Enter")
        await guest.say(f"{name} says so")
        for person in (window, guest):
            await expect(person.see("message-author").first).to_have_text("Ingrid")
            await expect(person.see("message-author").last).to_contain_text(f"{name} ·")
            mine = person.see("member").filter(has=person.page.get_by_test_id("tail"))
            await expect(mine).to_have_count(1)
            await expect(mine.get_by_test_id("member-name")).to_contain_text(f"{name} ·")
    await guest.see("nick").fill("Milo")
    await guest.see("nick").press("Enter")
    await guest.say("Good-bye")
    await expect(window.see("message-author").last).to_have_text("Milo")


async def test_a_guest_who_writes_or_calls_under_the_owners_name_is_marked_too(window: Person, guest: Person) -> None:
    await guest.see("nick").fill(INGRID)
    await guest.see("nick").press("Enter")
    await guest.see("composer").press_sequentially("hm")
    await expect(window.see("typing")).to_contain_text(f"{INGRID} ·")
    await window.open(TEA)
    await guest.say("@Ingrid look")
    await expect(window.see("toast")).to_contain_text(f"{INGRID} ·")


async def test_rooms_whose_names_look_alike_are_told_apart(window: Person) -> None:
    await window.open(TEA)
    alike = TEA.replace("a", "\N{CYRILLIC SMALL LETTER A}")
    await window.see("room-name").fill(alike)
    await window.see("room-name").press("Enter")
    await expect(window.see("room-title")).to_contain_text(f"{alike} ·")
    names = window.see("room-item-name").filter(has_text=" ·")
    await expect(names).to_have_count(2)
    assert len(set(await names.all_text_contents())) == 2
    await expect(window.see("room-item").filter(has_text=" ·").first).to_contain_text("at studio")


async def test_names_are_doubted_as_long_as_nobody_knows_what_their_letters_look_like(
    window: Person, guest: Person, house: House, browser: Browser
) -> None:
    await window.say("I am Ingrid.")
    await guest.see("nick").fill("Zoë")
    await guest.see("nick").press("Enter")
    await guest.say("And I am Zoë.")
    await expect(window.see("message-author")).to_have_text(["Ingrid", "Zoë"])
    other = Person(await browser.new_page())  # its console says that the table did not come
    await other.page.route("**/confusables-*.js", lambda route: route.abort())
    await other.go(house.guest_url)
    await expect(other.see("message-author").first).to_have_text("Ingrid")
    await expect(other.see("message-author").last).to_contain_text("Zoë ·")
    await other.page.close()


@pytest.mark.parametrize("name", ["غرفة الاجتماع", "会議室", "a/b?c#d%20 &"])
async def test_a_room_of_any_name_is_opened_by_its_name_and_by_a_link(
    window: Person, guest: Person, come: Come, house: House, name: str
) -> None:
    await window.open(name)
    await window.say("hello")
    await guest.open(name)
    await guest.reads("hello")
    linked = await come(f"{house.guest_url}?room={quote(name, safe='')}")
    await expect(linked.see("room-title")).to_have_text(name)
    await linked.reads("hello")
