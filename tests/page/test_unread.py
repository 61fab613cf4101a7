"""What somebody has not read, as they see it: in the list of rooms, in the room, and in the morning."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.page.conftest import Come, House
from tests.page.person import LOBBY, TEA, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")


def item(person: Person, room: str) -> Locator:
    """A room in somebody's list."""
    return person.see("room-item").filter(has_text=room)


def unread(person: Person, room: str) -> Locator:
    """The sign of what is unread in a room."""
    return item(person, room).get_by_test_id("unread")


async def count(person: Person, room: str) -> int:
    """Return how much is unread in a room, as it is shown."""
    sign = unread(person, room)
    text = await sign.inner_text() if await sign.count() else "0"
    found = re.search(r"(\d+) unread", text)
    return int(found[1]) if found else 0


async def in_journal(house: House, owner: str, room: str) -> int:
    """Return how many messages of others the journal has behind the owner's place in a room."""
    node = house.server.node
    living = node.rooms.here(room)
    assert living is not None
    records = await node.journal.memberships.of_person(owner)
    (read,) = [record.read for record in records if record.room == living.id]
    return sum(event.author.id != owner for event in await node.journal.after(living.id, read, 500))


async def go(person: Person, room: str) -> None:
    """Go into a room of the list."""
    await item(person, room).click()
    await expect(person.see("room-title")).to_have_text(room)


async def test_a_night_between(come: Come, house: House) -> None:
    """Two rooms, a restart, and what the owner sees in the morning before opening any of them."""
    window = await come(house.server.new_window_url())
    owner = house.server.node.me.id
    await window.open(TEA)
    await window.say("I am off")
    await window.reads("I am off")
    await go(window, LOBBY)
    await window.page.close()
    guest = await come()
    await go(guest, LOBBY)
    for number in range(40):
        await guest.say(f"Night {number}")
    await go(guest, TEA)
    await guest.say("@Ingrid good night")
    await guest.reads("I am off", "@Ingrid good night")
    await guest.page.close()
    await house.stop()
    await house.start()
    morning = await come(house.server.new_window_url())
    # A new window begins in the first room; the other one was not opened.
    await expect(item(morning, TEA).get_by_test_id("called")).to_be_visible()
    await expect(unread(morning, TEA)).to_contain_text("1 unread")
    assert await count(morning, TEA) == await in_journal(house, owner, TEA) == 1
    await expect(morning.see("room-title")).to_have_text(LOBBY)
    await expect(morning.see("new-since")).to_be_in_viewport()
    await expect(morning.page.get_by_text("Night 0", exact=True)).to_be_in_viewport()
    await expect(morning.page.get_by_text("Night 39", exact=True)).not_to_be_in_viewport()
    await go(morning, TEA)
    await expect(morning.see("new-since")).to_have_count(1)
    await expect(unread(morning, TEA)).to_have_count(0)
    await expect(unread(morning, LOBBY)).to_be_visible()
    await go(morning, LOBBY)
    await morning.see("to-end").click()
    await expect(unread(morning, LOBBY)).to_have_count(0)


async def test_a_guest_is_known_again_and_both_their_windows_agree(come: Come, house: House) -> None:
    author, reader = await come(), await come()
    await reader.open(TEA)
    await author.say("One")
    await author.say("Two")
    await expect(unread(reader, LOBBY)).to_contain_text("2 unread")
    second = Person(await reader.page.context.new_page())
    await second.go(house.guest_url)
    await expect(second.see("room-title")).to_have_text(TEA)
    await expect(unread(second, LOBBY)).to_contain_text("2 unread")
    await go(second, LOBBY)
    await expect(second.see("new-since")).to_have_count(1)
    await expect(unread(reader, LOBBY)).to_have_count(0)
    await reader.page.reload()
    await reader.connected()
    await expect(unread(reader, LOBBY)).to_have_count(0)


async def test_marking_as_unread_holds_until_somebody_comes_back(come: Come) -> None:
    author, reader = await come(), await come()
    for text in ("One", "Two", "Three"):
        await author.say(text)
    await reader.reads("One", "Two", "Three")
    await reader.see("message").filter(has_text="Two").hover()
    await reader.see("message").filter(has_text="Two").get_by_test_id("actions").click()
    await reader.see("menu-unread").click()
    await expect(unread(reader, LOBBY)).to_contain_text("2 unread")
    await expect(reader.page).to_have_title(re.compile(r"^\(2\)"))
    await reader.open(TEA)
    await expect(unread(reader, LOBBY)).to_contain_text("2 unread")
    await go(reader, LOBBY)
    line = reader.page.locator("[data-testid=new-since] + [data-testid=message]")
    await expect(line).to_contain_text("Two")
    await expect(unread(reader, LOBBY)).to_have_count(0)


async def test_keys_lead_to_what_is_unread_and_catch_up_with_all_of_it(come: Come) -> None:
    author, reader = await come(), await come()
    rooms = [f"{name} {TEA}" for name in ("Alpha", "Beta")]
    for room in rooms:
        await reader.open(room)
    await go(reader, LOBBY)
    for room in rooms:
        await author.open(room)
        await author.say("hello")
        await author.reads("hello")
    for room in rooms:
        await expect(unread(reader, room)).to_contain_text("1 unread")
    await reader.see("composer").focus()
    await reader.page.keyboard.press("Alt+Shift+ArrowDown")
    await expect(reader.see("room-title")).to_have_text(rooms[0])
    await reader.page.keyboard.press("Shift+Escape")
    for room in rooms:
        await expect(unread(reader, room)).to_have_count(0)
    await expect(reader.see("said")).to_have_text("Everything is read.")
    await expect(reader.see("new-since")).to_have_count(0)
    await reader.page.keyboard.press("Alt+Shift+ArrowDown")
    await expect(reader.see("said")).to_have_text("Nothing is unread in another room.")


async def test_whoever_comes_back_goes_on_where_they_were(come: Come) -> None:
    author, reader = await come(), await come()
    for number in range(60):
        await author.say(f"Line {number}")
    await reader.reads(*(f"Line {number}" for number in range(60)))
    await expect(unread(reader, LOBBY)).to_have_count(0)
    await reader.page.get_by_text("Line 20", exact=True).evaluate("line => line.scrollIntoView({ block: 'start' })")
    await expect(reader.see("to-end")).to_be_visible()
    await reader.open(TEA)
    await go(reader, LOBBY)
    await expect(reader.page.get_by_text("Line 20", exact=True)).to_be_in_viewport()
    await expect(reader.page.get_by_text("Line 59", exact=True)).not_to_be_in_viewport()
    await reader.page.reload()
    await reader.connected()
    await expect(reader.page.get_by_text("Line 20", exact=True)).to_be_in_viewport()


async def test_a_muted_room_says_nothing_but_keeps_its_count(come: Come) -> None:
    author, reader = await come(), await come()
    await reader.see("room-menu").click()
    await reader.see("notices-mentions").click()
    await reader.open(TEA)
    await author.say("quiet")
    await author.say(f"and @{await reader.see('nick').first.input_value()}")
    await expect(unread(reader, LOBBY)).to_contain_text("1 unread")
    await go(reader, LOBBY)
    await reader.see("room-menu").click()
    await expect(reader.see("notices-mentions")).to_have_attribute("aria-pressed", "true")
    await reader.see("notices-nothing").click()
    await expect(item(reader, LOBBY)).to_contain_text("muted")
