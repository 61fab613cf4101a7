"""What reaches a person in whatever room they are: mentions, invitations, announcements."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import House
from tests.page.person import LOBBY, TEA, Person
from tests.support.terminal import lanchat_meanwhile

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_is_called_from_another_room_can_go_there(window: Person, guest: Person) -> None:
    await guest.open(TEA)
    await guest.say("Nobody is meant")
    await guest.say("@ingrid, is there any tea?")
    toast = window.see("toast")
    await expect(toast).to_have_attribute("data-kind", "mention")
    await expect(toast).to_contain_text(f"mentioned you in {TEA}")
    await expect(window.see("notification")).to_contain_text("@ingrid, is there any tea?")
    await expect(window.see("room-item").filter(has_text=TEA).get_by_test_id("called")).to_be_visible()
    await window.see("toast-open").press("Enter")
    await expect(window.see("room-title")).to_have_text(TEA)
    await expect(toast).to_have_count(0)
    await expect(window.see("called")).to_have_count(0)
    await expect(window.see("mention")).to_have_text("@ingrid")

    await guest.say("@Ingrid here?")
    await window.reads("Nobody is meant", "@ingrid, is there any tea?", "@Ingrid here?")
    await expect(window.page.locator("[data-testid=message].called")).to_have_count(2)
    await expect(guest.page.locator("[data-testid=message].called")).to_have_count(0)
    await expect(toast).to_have_count(0)


async def test_somebody_is_invited_and_comes(window: Person, guest: Person) -> None:
    await window.open(TEA)
    await window.open(LOBBY)
    await expect(window.see("person-menu")).to_have_count(1)
    await window.see("person-menu").press("Enter")
    await window.see("invite-into").filter(has_text=TEA).press("Enter")
    await expect(guest.see("toast")).to_contain_text(f"Ingrid invites you to {TEA}")
    await expect(window.see("toast")).to_have_count(0)
    await guest.see("toast-open").click()
    await expect(guest.see("room-title")).to_have_text(TEA)
    await expect(guest.see("toast")).to_have_count(0)


async def test_an_announcement_from_a_terminal_stays_until_it_is_dismissed(
    window: Person, guest: Person, house: House
) -> None:
    await guest.open(TEA)
    done = await lanchat_meanwhile("announce", "Lunch <b>is</b> ready", "--data-dir", str(house.config.data_dir))
    assert (done.code, done.err) == (0, "")
    for person in (window, guest):
        await expect(person.see("toast-text")).to_have_text("Lunch <b>is</b> ready")
        await expect(person.see("notification")).to_contain_text("Ingrid announces")
    await guest.see("toast-dismiss").click()
    await expect(guest.see("toast")).to_have_count(0)
    await window.page.keyboard.press("Escape")
    await expect(window.see("toast")).to_have_count(0)
    await expect(window.see("composer")).to_be_focused()


async def test_a_name_is_completed_by_keyboard_and_plain_typing_is_let_be(window: Person, guest: Person) -> None:
    composer, nicks = window.see("composer"), window.see("nick-choice")
    await expect(window.see("member")).to_have_count(2)
    await composer.press_sequentially("mail me@gu")
    await expect(nicks).to_have_count(0)
    await composer.fill("")
    await composer.press_sequentially("hi @GU")
    await expect(nicks).to_have_count(1)
    await expect(composer).to_have_attribute("aria-activedescendant", "nick-0")
    name = await nicks.inner_text()
    await composer.press("Escape")
    await expect(nicks).to_have_count(0)
    await composer.press("Backspace")
    await composer.press("Tab")
    await expect(composer).to_have_value(f"hi @{name} ")
    await composer.press_sequentially("tea?")
    await composer.press("Enter")
    await guest.reads(f"hi @{name} tea?")
    await expect(guest.see("mention")).to_have_text(f"@{name}")
    await composer.press_sequentially("@")
    await expect(nicks).to_have_count(1)
    await composer.press("Enter")
    await guest.reads(f"hi @{name} tea?", "@")
