"""What was said can be changed: edited, deleted, reacted to. Everybody sees it, then and later."""

import pytest
from playwright.async_api import Locator, expect

from lanchat.protocol import Post
from tests.page.conftest import Come, House
from tests.page.happenings import fill, no_space, say
from tests.page.person import Person
from tests.page.test_access import DOUBLE_IDS, FAINT, NAMELESS

pytestmark = pytest.mark.asyncio(loop_scope="session")


def line(person: Person, text: str) -> Locator:
    """Return the message that has this text."""
    return person.see("message").filter(has_text=text)


async def act(person: Person, text: str, action: str) -> None:
    """Open the actions of a message with the mouse, and choose one."""
    await line(person, text).hover()
    await line(person, text).get_by_test_id("actions").click()
    await person.see(action).first.click()


async def test_an_edit_is_seen_by_the_other_and_after_a_reload(window: Person, guest: Person, come: Come) -> None:
    await guest.say("Soup at noom")
    await window.reads("Soup at noom")
    await act(guest, "Soup", "menu-edit")
    await expect(guest.see("edit")).to_be_focused()
    await guest.see("edit").fill("Soup at noon")
    await guest.see("edit").press("Enter")
    for person in (guest, window):
        await person.reads("Soup at noon")
        await expect(person.see("edited")).to_have_count(1)
    await expect(guest.see("composer")).to_be_focused()
    await guest.page.reload()
    for person in (guest, await come()):
        await person.reads("Soup at noon")
        await expect(person.see("edited")).to_have_count(1)


async def test_the_arrow_up_edits_my_last_message_and_escape_leaves_it(window: Person, guest: Person) -> None:
    await guest.say("Mine")
    await guest.reads("Mine")
    await window.say("Not mine")
    await guest.reads("Mine", "Not mine")
    await guest.see("composer").press("ArrowUp")
    await expect(guest.see("edit")).to_have_value("Mine")
    await guest.see("edit").fill("Other")
    await guest.see("edit").press("Escape")
    await guest.reads("Mine", "Not mine")
    await expect(guest.see("composer")).to_be_focused()
    await guest.see("composer").press_sequentially("words")
    await guest.see("composer").press("ArrowUp")
    await expect(guest.see("edit")).to_have_count(0)


async def test_a_deletion_asks_once_and_leaves_a_quiet_line(window: Person, guest: Person, come: Come) -> None:
    await guest.say("Said in haste")
    await guest.say("Said with care")
    await window.reads("Said in haste", "Said with care")
    await act(guest, "haste", "menu-delete")
    await expect(guest.see("menu-delete")).to_contain_text("Really")
    await guest.reads("Said in haste", "Said with care")
    await guest.see("menu-delete").click()
    for person in (guest, window, await come()):
        await person.reads("Said with care")
        await expect(person.see("deleted")).to_have_count(1)
        await expect(person.see("message").first.get_by_test_id("actions")).to_have_count(0)


async def test_only_my_own_messages_can_be_edited_and_deleted(window: Person, guest: Person) -> None:
    await window.say("Of the other")
    await guest.reads("Of the other")
    await line(guest, "Of the other").hover()
    await line(guest, "Of the other").get_by_test_id("actions").click()
    await expect(guest.see("menu-copy")).to_be_visible()
    await expect(guest.see("menu-edit")).to_have_count(0)
    await expect(guest.see("menu-delete")).to_have_count(0)


async def test_reactions_are_counted_and_toggle(window: Person, guest: Person) -> None:
    await window.say("Cake?")
    await guest.reads("Cake?")
    await act(guest, "Cake?", "react")
    for person in (guest, window):
        await expect(person.see("reaction")).to_have_text("👍 1")
    await expect(guest.see("reaction")).to_have_attribute("aria-pressed", "true")
    await expect(window.see("reaction")).to_have_attribute("aria-pressed", "false")
    await window.see("reaction").click()
    for person in (guest, window):
        await expect(person.see("reaction")).to_have_text("👍 2")
    await guest.see("reaction").click()
    await guest.page.reload()
    for person in (guest, window):
        await expect(person.see("reaction")).to_have_text("👍 1")
    await expect(window.see("reaction")).to_have_attribute("aria-label", "👍 1: Ingrid")
    await window.see("reaction").click()
    await expect(guest.see("reaction")).to_have_count(0)


async def test_any_emoji_can_be_typed(window: Person, guest: Person) -> None:
    await window.say("Pick one")
    await guest.reads("Pick one")
    await line(guest, "Pick").hover()
    await line(guest, "Pick").get_by_test_id("actions").click()
    await guest.see("react-other").fill("🦊🦊")
    await guest.see("react-other").press("Enter")
    await expect(window.see("reaction")).to_have_text("🦊 1")


async def test_everything_goes_by_keyboard(window: Person, guest: Person) -> None:
    for text in ("First", "Second"):
        await guest.say(text)
    await guest.reads("First", "Second")
    keyboard = guest.page.keyboard
    await guest.see("composer").press("Shift+Tab")
    await expect(line(guest, "Second").get_by_test_id("actions")).to_be_focused()
    await keyboard.press("ArrowUp")
    await expect(line(guest, "First").get_by_test_id("actions")).to_be_focused()
    await keyboard.press("Enter")
    await expect(guest.see("react").first).to_be_focused()
    await keyboard.press("ArrowRight")
    await expect(guest.see("react").nth(1)).to_be_focused()
    await keyboard.press("Escape")
    await expect(guest.see("menu")).to_have_count(0)
    await expect(line(guest, "First").get_by_test_id("actions")).to_be_focused()
    await keyboard.press("Enter")
    await keyboard.press("ArrowUp")
    await expect(guest.see("menu-delete")).to_be_focused()
    await keyboard.press("Enter")
    await keyboard.press("Enter")
    await window.reads("Second")


async def test_the_text_can_be_copied(guest: Person) -> None:
    await guest.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await guest.say("Copy me 🍲")
    await guest.reads("Copy me 🍲")
    await act(guest, "Copy me", "menu-copy")
    await expect(guest.see("told")).to_have_text("Copied")
    assert await guest.page.evaluate("navigator.clipboard.readText()") == "Copy me 🍲"


async def test_a_change_that_was_not_kept_is_undone_with_the_reason(window: Person, guest: Person) -> None:
    await guest.say("As it was")
    await window.reads("As it was")
    with no_space():
        await guest.see("composer").press("ArrowUp")
        await guest.see("edit").fill("As it shall be")
        await guest.see("edit").press("Enter")
        await expect(guest.see("failure")).to_contain_text("Not changed.")
        await expect(guest.see("message-text")).to_have_text("As it was")
    await guest.see("retry").click()
    for person in (guest, window):
        await person.reads("As it shall be")
    await expect(guest.see("failure")).to_have_count(0)


async def test_a_change_waits_for_the_node_and_survives_a_reload(guest: Person, house: House, come: Come) -> None:
    await guest.say("Before")
    await guest.reads("Before")
    await house.stop()
    await guest.disconnected()
    await guest.see("composer").press("ArrowUp")
    await guest.see("edit").fill("After")
    await guest.see("edit").press("Enter")
    await expect(guest.page.locator("[data-state=pending]").get_by_test_id("message-text")).to_have_text("After")
    page = await guest.page.context.new_page()
    await guest.page.close()
    await house.start()
    again = Person(page)
    await again.go(house.guest_url)
    await again.reads("After")
    await (await come()).reads("After")
    assert again.problems == []


async def test_the_past_shows_messages_as_they_read_now(house: House, come: Come) -> None:
    await fill(house, 120)
    changes = [
        Post(room="", nonce="e", kind="edit", target="Message-10", text="Message ten"),
        Post(room="", nonce="r", kind="reaction", target="Message-11", emoji="🎉"),
        Post(room="", nonce="d", kind="deletion", target="Message-12"),
        Post(room="", nonce="off", kind="reaction", target="Message-11", emoji="👍"),
        Post(room="", nonce="off again", kind="reaction", target="Message-11", emoji="👍", off=True),
    ]
    await say(house, changes)
    guest = await come()
    await expect(guest.see("message-text")).to_have_count(45)
    await guest.see("messages").press("Home")
    await expect(guest.see("message-text").first).to_have_text("Message 1")
    await expect(guest.see("message-text").nth(9)).to_have_text("Message ten")
    await expect(guest.see("message").nth(10).get_by_test_id("reaction")).to_have_text("🎉 1")
    await expect(guest.see("message").nth(11).get_by_test_id("deleted")).to_have_count(1)
    await expect(guest.see("earlier")).to_have_count(0)


async def test_a_reaction_further_up_moves_nothing_that_is_read(house: House, come: Come) -> None:
    await fill(house, 45)
    guest = await come()
    await expect(guest.see("message")).to_have_count(45)
    await guest.see("messages").evaluate("list => { list.scrollTop = 600 }")
    await expect(guest.see("to-end")).to_be_visible()
    read = guest.see("message").nth(30)
    top = "line => line.getBoundingClientRect().top"
    before = await read.evaluate(top)
    await say(house, [Post(room="", nonce="r", kind="reaction", target="Message-3", emoji="👍")])
    await expect(guest.see("reaction")).to_have_count(1)
    assert abs(await read.evaluate(top) - before) < 1


async def test_what_is_written_survives_a_reload_and_a_closed_page(guest: Person, house: House) -> None:
    await guest.see("composer").fill("Half a sen")
    await guest.page.reload()
    await expect(guest.see("composer")).to_have_value("Half a sen")
    page = await guest.page.context.new_page()
    await guest.page.close()
    again = Person(page)
    await again.go(house.guest_url)
    await expect(again.see("composer")).to_have_value("Half a sen")
    await again.see("composer").press("Enter")
    await again.reads("Half a sen")
    await again.page.reload()
    await again.connected()
    await expect(again.see("composer")).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_actions_have_names_and_can_be_read(come: Come, scheme: str) -> None:
    person = await come(color_scheme=scheme, viewport={"width": 1200, "height": 700}, reduced_motion="reduce")
    for text in ("Edited", "Deleted", "Reacted"):
        await person.say(text)
    await person.reads("Edited", "Deleted", "Reacted")
    await act(person, "Deleted", "menu-delete")
    await person.see("menu-delete").click()
    await act(person, "Reacted", "react")
    await expect(person.see("reaction")).to_have_text("👍 1")
    await act(person, "Edited", "menu-edit")
    assert await person.page.evaluate(NAMELESS) == []
    assert await person.page.evaluate(FAINT) == []
    await person.see("edit").fill("Edited twice")
    await person.see("edit").press("Enter")
    await line(person, "Reacted").get_by_test_id("actions").click()
    assert await person.page.evaluate(NAMELESS) == []
    assert await person.page.evaluate(FAINT) == []
    assert await person.page.evaluate(DOUBLE_IDS) == []
    await expect(person.see("menu")).to_be_in_viewport(ratio=1)


async def test_touch_has_a_button_for_the_actions(come: Come) -> None:
    phone = await come(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    await phone.say("By touch")
    await phone.reads("By touch")
    await phone.see("actions").tap()
    await expect(phone.see("menu")).to_be_in_viewport(ratio=1)
    await phone.see("react").first.tap()
    await expect(phone.see("reaction")).to_have_text("👍 1")
    await phone.see("reaction").tap()
    await expect(phone.see("reaction")).to_have_count(0)
