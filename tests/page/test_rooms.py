"""Finding, naming, ordering, leaving and ending rooms, as people do it."""

from urllib.parse import urlencode

import pytest
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.person import LOBBY, TEA, Person
from tests.page.test_unread import item

pytestmark = pytest.mark.asyncio(loop_scope="session")

GENERAL = TEA.replace("Tea time", "General matters")


async def find(person: Person, typed: str) -> None:
    """Type into the field, by the keyboard only."""
    await person.page.keyboard.press("Control+k")
    await expect(person.see("room-name")).to_be_focused()
    await person.page.keyboard.type(typed)


async def test_the_field_finds_rooms_however_they_are_typed_and_makes_one_only_when_told(come: Come) -> None:
    person = await come()
    await person.open(GENERAL)
    await item(person, LOBBY).click()
    for typed in (GENERAL, GENERAL.upper(), "gen", "gnrl mat"):
        await find(person, typed)
        await expect(person.see("choice").first).to_contain_text(GENERAL)
        await person.page.keyboard.press("Enter")
        await expect(person.see("room-title")).to_have_text(GENERAL)
        await item(person, LOBBY).click()
    await find(person, "gen")
    last = person.see("choice").last
    await expect(last).to_have_attribute("data-kind", "create")
    await expect(last.get_by_test_id("near")).to_contain_text(GENERAL)
    await person.page.keyboard.press("ArrowUp")
    await expect(last).to_have_attribute("aria-selected", "true")
    await person.page.keyboard.press("Enter")
    await expect(person.see("room-title")).to_have_text("gen")


async def test_the_field_finds_people_and_commands(come: Come) -> None:
    one, other = await come(), await come()
    nick = other.see("nick").first
    await nick.fill("Bartholomew")
    await nick.press("Enter")
    await find(one, "barth")
    await expect(one.see("choice").first).to_have_attribute("data-kind", "person")
    await one.page.keyboard.press("Enter")
    await expect(one.see("composer")).to_have_value("@Bartholomew ")
    await find(one, "keys")
    await one.page.keyboard.press("Enter")
    await expect(one.page.get_by_role("dialog")).to_be_visible()


async def test_unread_rooms_come_first_in_the_field(come: Come) -> None:
    author, reader = await come(), await come()
    await reader.open(TEA)
    await reader.open(GENERAL)
    await author.open(TEA)
    await author.say("news")
    await expect(item(reader, TEA).get_by_test_id("unread")).to_be_visible()
    await find(reader, "")
    await expect(reader.see("choice").first).to_contain_text(TEA)
    await reader.page.keyboard.press("Enter")
    await expect(reader.see("room-title")).to_have_text(TEA)


async def test_a_room_is_renamed_and_described_while_others_are_in_it(window: Person, guest: Person) -> None:
    await guest.see("composer").fill("half a sentence")
    await guest.see("room-menu").click()
    await expect(guest.see("open-describe")).to_have_count(0)
    await guest.page.keyboard.press("Escape")
    await window.see("room-menu").click()
    await window.see("open-describe").click()
    await window.see("describe-name").fill(f"  {GENERAL}  ")
    await window.see("describe-topic").fill("What everybody should know")
    await window.see("describe").click()
    for person in (window, guest):
        await expect(person.see("room-title")).to_have_text(GENERAL)
        await expect(person.see("topic")).to_have_text("What everybody should know")
        await expect(item(person, GENERAL)).to_have_count(1)
        await expect(item(person, LOBBY)).to_have_count(0)
    await expect(guest.see("composer")).to_have_value("half a sentence")


async def test_a_room_that_is_deleted_while_it_is_open_says_so(window: Person, guest: Person) -> None:
    await window.open(TEA)
    await guest.open(TEA)
    await guest.say("words")
    await window.see("room-menu").click()
    await window.see("open-delete").click()
    await expect(window.see("delete-not")).to_be_focused()
    await window.see("delete-really").click()
    for person in (window, guest):
        await expect(person.see("over")).to_have_attribute("data-state", "deleted")
        await expect(person.page.get_by_text("words", exact=True)).to_have_count(0)
        await person.see("go-on").click()
        await expect(person.see("room-title")).to_have_text(LOBBY)
        await expect(item(person, TEA)).to_have_count(0)


async def test_a_room_that_was_left_in_another_window_says_so(come: Come, house: House) -> None:
    one = await come()
    await one.open(TEA)
    other = Person(await one.page.context.new_page())
    await other.go(house.guest_url)
    await expect(other.see("room-title")).to_have_text(TEA)
    await other.see("room-menu").click()
    await other.see("leave").click()
    await expect(other.see("room-title")).to_have_text(LOBBY)
    await expect(one.see("over")).to_have_attribute("data-state", "left")
    await one.see("come-back").click()
    await expect(one.see("composer")).to_be_visible()


async def test_favourites_and_order_are_the_same_in_every_window(come: Come, house: House) -> None:
    one = await come()
    names = [f"{name} {TEA}" for name in ("Alpha", "Beta")]
    for name in names:
        await one.open(name)
    await one.see("room-menu").click()
    await one.see("favourite").click()
    favourites = one.page.get_by_role("region", name="Favourites")
    await expect(favourites.get_by_test_id("room-item-name")).to_have_text([names[1]])
    other = Person(await one.page.context.new_page())
    await other.go(house.guest_url)
    await expect(other.page.get_by_role("region", name="Favourites")).to_contain_text(names[1])
    await item(one, names[0]).click()
    await one.see("room-menu").click()
    await one.see("move-down").click()
    for person in (one, other):
        rest = person.page.get_by_role("region", name="On studio").get_by_test_id("room-item-name")
        await expect(rest).to_have_text([LOBBY, names[0]])


async def test_a_guest_lands_where_most_people_are(come: Come, house: House) -> None:
    for _ in range(2):
        await come(f"{house.guest_url}?{urlencode({'room': TEA})}")
    newcomer = await come()
    await expect(newcomer.see("room-title")).to_have_text(TEA)
