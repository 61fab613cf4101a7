"""Rooms with a door, as people use them: the owner's window, and browsers of guests."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.person import LOBBY, Person
from tests.support.conditions import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = "correct horse battery"


async def open_door(window: Person) -> None:
    """Open the settings of the door of the room in view, by the keyboard."""
    await window.see("room-menu").press("Enter")
    await window.see("open-door").press("Enter")
    await expect(window.see("door-panel")).to_be_visible()
    await expect(window.see("numbered")).to_contain_text("has its home on")


async def let_in(house: House, guest: Person) -> None:
    """Have a guest try again, once the node has the rule by which they may."""
    (room,) = [room for room in house.server.node.rooms if room.name == LOBBY]
    await eventually(lambda: not (room.door.policy.locked or room.door.policy.banned), what="the rule holds")
    await guest.see("door-again").click()
    await expect(guest.see("composer")).to_be_visible()


async def set_passphrase(window: Person, words: str = WORDS) -> None:
    await window.see("door-passphrase").first.click()
    await window.see("passphrase-new").fill(words)
    await window.see("passphrase-new").press("Enter")


async def test_a_guest_comes_in_by_the_passphrase_only(window: Person, come: Come) -> None:
    await open_door(window)
    await set_passphrase(window)
    await expect(window.see("door-passphrase")).to_be_checked()
    guest = await come(wait=False)
    await expect(guest.see("door-page")).to_be_visible()
    await expect(guest.see("composer")).to_have_count(0)
    await guest.see("door-passphrase").fill("incorrect horse")
    await guest.see("door-passphrase").press("Enter")
    await expect(guest.see("door-problem")).to_contain_text("not the passphrase")
    await guest.see("door-passphrase").fill(WORDS)
    await guest.see("door-passphrase").press("Enter")
    await expect(guest.see("composer")).to_be_visible()
    await guest.say("inside")
    await window.reads("inside")
    await guest.page.reload()
    await expect(guest.see("composer")).to_be_visible()


async def test_an_invitation_lets_one_guest_in(window: Person, come: Come) -> None:
    await open_door(window)
    await window.see("door-invite").click()
    await window.see("issue-one").click()
    link = await window.see("invite-link").input_value()
    await expect(window.see("qr")).to_be_visible()
    await expect(window.see("ticket")).to_have_count(1)
    guest = await come(link)
    await expect(guest.see("composer")).to_be_visible()
    assert "#" not in guest.page.url
    second = await come(link, wait=False)
    await expect(second.see("door-page")).to_be_visible()
    await expect(second.see("door-reason")).to_contain_text("invitation")
    await window.see("issue-many").click()
    await expect(window.see("invite-link")).not_to_have_value(link)
    await expect(window.see("ticket")).to_have_count(1)  # the other one was used
    many = await window.see("invite-link").input_value()
    await second.see("door-code").fill(many)
    await second.see("door-code").press("Enter")
    await expect(second.see("composer")).to_be_visible()
    await window.see("revoke").click()
    await expect(window.see("ticket")).to_have_count(0)


async def test_the_owner_mutes_hides_and_bans_somebody(house: House, window: Person, guest: Person) -> None:
    await guest.say("buy now")
    await window.reads("buy now")
    menu = window.see("person-menu")
    await menu.click()
    await window.see("mute").click()
    await expect(window.see("office").filter(has_text="muted")).to_have_count(1)
    await guest.say("and again")
    await expect(guest.page.locator("[data-testid=message][data-state=failed]")).to_have_count(1)
    await menu.click()
    await window.see("hide").click()
    for person in (window, guest):
        await expect(person.page.get_by_text("buy now")).to_have_count(0)
    await menu.click()
    await window.page.keyboard.press("Escape")
    await expect(window.see("ban")).to_have_count(0)
    await menu.click()
    await window.see("ban").click()
    await expect(guest.see("door-page")).to_contain_text("banned")
    await open_door(window)
    await window.see("unban").click()
    await let_in(house, guest)


async def test_a_locked_room_says_so(house: House, window: Person, come: Come) -> None:
    await open_door(window)
    await window.see("locked").check()
    guest = await come(wait=False)
    await expect(guest.see("door-page")).to_contain_text("locked")
    await window.see("locked").uncheck()
    await let_in(house, guest)


async def test_guests_that_may_only_read_are_told(window: Person, guest: Person) -> None:
    await open_door(window)
    await window.see("guests").select_option("read")
    await window.see("slow").select_option("10")
    await window.see("continues").select_option("30")
    await expect(window.see("continues")).to_have_value("30")
    await expect(window.see("rule-problem")).to_have_count(0)
    await guest.say("may I?")
    await expect(guest.page.locator("[data-testid=message][data-state=failed]")).to_have_count(1)
    await window.say("read this")
    await expect(guest.page.get_by_text("read this")).to_be_visible()


async def test_what_rules_did_and_what_is_not_usual_is_read_by_everybody(window: Person, guest: Person) -> None:
    await guest.say("hello")
    await window.reads("hello")
    await open_door(window)
    await window.see("locked").check()
    await window.see("guests").select_option("read")
    for person in (window, guest):
        lines = person.see("rule-line")
        await expect(lines).to_have_count(2)
        await expect(lines.first).to_contain_text("locked the room")
        await expect(lines.last).to_contain_text("lets guests read, but not write")
        sign = person.page.locator("[data-testid=room-item][aria-current=true] [data-testid=door-sign]")
        await expect(sign).to_have_attribute("title", "locked, guests only read")
        await expect(sign).to_contain_text("locked, guests only read")
        head = person.page.locator("header [data-testid=door-sign]")
        await expect(head).to_contain_text("locked")
    await window.see("locked").uncheck()
    await window.see("guests").select_option("on")
    await expect(window.see("door-sign")).to_have_count(0)
    assert "change" not in await guest.see("messages").inner_text()


async def test_a_guess_of_its_name_finds_no_room_that_is_in_no_list(window: Person, come: Come) -> None:
    await window.say("between us")
    name = await window.see("room-title").inner_text()
    await open_door(window)
    await window.see("listed").uncheck()
    await expect(window.see("door-sign").first).to_have_attribute("title", "in no list")
    link = await come_by_link(window)
    stranger = await come(wait=False)
    await stranger.see("room-name").fill(name)
    await stranger.see("room-name").press("Enter")
    await expect(stranger.see("room-title")).to_have_text(name)
    await expect(stranger.page.get_by_text("between us")).to_have_count(0)
    invited = await come(link)
    await expect(invited.page.get_by_text("between us")).to_be_visible()


async def come_by_link(window: Person) -> str:
    await window.see("issue-many").click()
    await expect(window.see("invite-link")).to_be_visible()
    return await window.see("invite-link").input_value()
