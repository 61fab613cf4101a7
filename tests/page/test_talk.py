"""Two people in one room: what one does, the other sees."""

from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.person import LOBBY, TEA, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAYLOAD = '<img src=x onerror="window.harmed = 1"><script>window.harmed = 1</script> &amp; <b>bold</b>'


async def test_what_one_says_the_other_reads_in_one_order(window: Person, guest: Person) -> None:
    await window.say("Hello from the window")
    await guest.reads("Hello from the window")
    await guest.say("Hello from the browser")
    await window.say("Good to see you")
    for person in (window, guest):
        await expect(person.see("message")).to_have_count(3)
    texts = await window.see("message-text").all_inner_texts()
    await guest.reads(*texts)
    assert set(texts) == {"Hello from the window", "Hello from the browser", "Good to see you"}


async def test_the_first_message_takes_no_click(window: Person) -> None:
    await window.page.keyboard.type("Only typed")
    await window.page.keyboard.press("Enter")
    await window.reads("Only typed")
    await expect(window.see("composer")).to_have_value("")
    await expect(window.see("composer")).to_be_focused()


async def test_markup_in_a_message_is_text(window: Person, guest: Person) -> None:
    await guest.say(PAYLOAD)
    for person in (window, guest):
        await person.reads(PAYLOAD)
        assert await person.see("message-text").locator("*").count() == 0
        assert await person.page.evaluate("window.harmed") is None


async def test_an_address_becomes_a_link_that_tells_nothing(window: Person, guest: Person) -> None:
    await guest.say("See http://192.0.2.7:8000/notes_(new), or javascript:alert(1)")
    link = window.see("message-text").get_by_role("link")
    await expect(link).to_have_text("http://192.0.2.7:8000/notes_(new)")
    await expect(link).to_have_attribute("href", "http://192.0.2.7:8000/notes_(new)")
    await expect(link).to_have_attribute("target", "_blank")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_lines_stay_lines(window: Person, guest: Person) -> None:
    await window.see("composer").press_sequentially("one")
    await window.see("composer").press("Shift+Enter")
    await window.see("composer").press_sequentially("two")
    tall = await window.see("composer").bounding_box()
    await window.see("composer").press("Enter")
    await expect(guest.see("message-text")).to_have_text("one\ntwo", use_inner_text=True)
    await expect(window.see("composer")).to_have_value("")
    low = await window.see("composer").bounding_box()
    assert tall is not None
    assert low is not None
    assert tall["height"] > low["height"]


async def test_a_long_text_scrolls_with_its_end(window: Person) -> None:
    await window.see("composer").fill("word " * 600)
    await window.see("composer").press("End")
    await window.see("composer").press_sequentially("end")
    box, end = await window.see("composer").evaluate(
        "field => [field.parentElement.getBoundingClientRect().bottom, field.getBoundingClientRect().bottom]"
    )
    assert end - box < 24, "the line that is written is in view"


async def test_a_guest_has_a_name_and_may_choose_another(window: Person, guest: Person) -> None:
    assert (await guest.see("nick").input_value()).startswith("Guest ")
    await guest.see("nick").fill("Milo")
    await guest.see("nick").press("Enter")
    await window.page.set_viewport_size({"width": 1200, "height": 700})
    await expect(window.see("member-name")).to_have_text(["Ingrid", "Milo"])
    await guest.say("It is me")
    await expect(window.see("message-author")).to_have_text("Milo")
    await guest.page.reload()
    await expect(guest.see("nick")).to_have_value("Milo")
    await window.see("nick").fill("Ada")
    await window.see("nick").blur()
    await expect(guest.see("member-name")).to_have_text(["Milo", "Ada"])


async def test_a_name_that_nobody_can_have_is_refused_with_the_reason(guest: Person) -> None:
    was = await guest.see("nick").input_value()
    await guest.see("nick").fill("A\u202eda")
    await guest.see("nick").press("Enter")
    await expect(guest.page.get_by_role("alert")).to_have_text(
        "A name cannot have control characters or invisible marks."
    )
    await expect(guest.see("nick")).to_have_value(was)


async def test_who_is_here_follows_who_comes_and_goes(window: Person, come: Come) -> None:
    await window.page.set_viewport_size({"width": 1200, "height": 700})
    await expect(window.see("member")).to_have_count(1)
    guest = await come()
    await expect(window.see("member")).to_have_count(2)
    await guest.page.close()
    await expect(window.see("member")).to_have_count(1)


async def test_who_writes_is_shown_until_they_have_written(window: Person, guest: Person) -> None:
    await window.see("composer").press_sequentially("I am…")
    await expect(guest.see("typing")).to_have_text("Ingrid is writing…")
    await expect(window.see("typing")).to_be_empty()
    await window.see("composer").press("Enter")
    await expect(guest.see("typing")).to_be_empty()


async def test_a_room_is_opened_by_its_name_and_seen_by_the_other(window: Person, guest: Person) -> None:
    await window.open(TEA)
    await window.reads()
    await guest.see("room-item").filter(has_text=TEA).click()
    await expect(guest.see("room-title")).to_have_text(TEA)
    await guest.say("Anybody?")
    await window.reads("Anybody?")


async def test_a_room_out_of_view_counts_what_is_unread(window: Person, guest: Person) -> None:
    await window.open(TEA)
    await guest.say("One")
    await guest.say("Two")
    lobby = window.see("room-item").filter(has_text=LOBBY)
    await expect(lobby.get_by_test_id("unread")).to_contain_text("2 unread")
    await expect(window.page).to_have_title(f"(2) {TEA} · Lanchat")
    await window.page.keyboard.press("Alt+ArrowUp")
    await window.reads("One", "Two")
    await expect(window.see("unread")).to_have_count(0)
    await expect(window.page).to_have_title(f"{LOBBY} · Lanchat")


async def test_the_address_may_name_the_room(come: Come, house: House) -> None:
    person = await come(f"{house.guest_url}?room={quote(TEA)}")
    await expect(person.see("room-title")).to_have_text(TEA)


async def test_the_room_of_last_time_is_opened_again(window: Person) -> None:
    await window.open(TEA)
    kept = await window.page.evaluate("localStorage.getItem('lanchat.room')")
    assert len(kept) > 2


async def test_a_text_that_is_too_long_is_not_sent(window: Person) -> None:
    await window.see("composer").fill("🎉" * 4_000)
    await expect(window.see("left")).to_have_text("0 left")
    await expect(window.see("send")).to_be_enabled()
    await window.see("composer").fill("🎉" * 4_001)
    await expect(window.see("left")).to_have_text("1 too many")
    await expect(window.see("send")).to_be_disabled()
    await window.see("composer").press("Enter")
    await window.reads()
