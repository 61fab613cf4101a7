"""Finding what was said in a long room, and going there and back."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from lanchat.protocol import Post
from tests.page.conftest import Come, House
from tests.page.happenings import say
from tests.page.person import Person
from tests.page.test_access import DOUBLE_IDS, FAINT, NAMELESS

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = 3_000
SOUPS = (200, 1_500, 2_990)


@pytest_asyncio.fixture(loop_scope="session")
async def long_room(house: House) -> None:
    """LOBBY with thousands of messages, three of them about soup; the one in the middle was edited."""
    texts = [f"🍲 Crème soup {n}" if n in SOUPS else f"Message {n}" for n in range(1, LONG + 1)]
    posts = [Post(room="", nonce=str(n), text=text) for n, text in enumerate(texts, 1)]
    await say(house, [*posts, Post(room="", nonce="edit", kind="edit", target="1500", text="Cold creme soup")])


@pytest_asyncio.fixture(loop_scope="session")
async def reader(long_room: None, come: Come) -> Person:
    """Somebody who comes into the long room."""
    reader = await come(viewport={"width": 1200, "height": 700})
    await expect(reader.see("message-text").last).to_have_text(f"Message {LONG}")
    return reader


async def look_for(person: Person, text: str, hits: int) -> None:
    """Open the search and type."""
    await person.page.keyboard.press("Control+f")
    await expect(person.see("search-text")).to_be_focused()
    await person.see("search-text").fill(text)
    await expect(person.see("hit")).to_have_count(hits)


async def test_words_are_found_the_newest_first_and_marked(reader: Person) -> None:
    await look_for(reader, "creme sou", 3)
    await expect(reader.see("hit-text")).to_have_text(["🍲 Crème soup 2990", "Cold creme soup", "🍲 Crème soup 200"])
    assert await reader.see("hit").first.locator("mark").all_inner_texts() == ["Crème", "soup"]
    await expect(reader.see("search-state")).to_have_text("3 messages found")
    # Only the last word may be a beginning.
    await reader.see("search-text").fill("sou creme")
    await expect(reader.see("search-state")).to_have_text("No message has “sou creme”.")
    await reader.see("search-text").fill("nowhere")
    await expect(reader.see("search-state")).to_have_text("No message has “nowhere”.")
    await reader.see("search-text").fill("")
    await expect(reader.see("search-state")).to_contain_text("Type a word")
    await reader.page.keyboard.press("Escape")
    await expect(reader.see("search")).to_have_count(0)
    await expect(reader.see("composer")).to_be_focused()


async def test_a_hit_is_jumped_to_and_the_way_back_is_short(reader: Person, window: Person) -> None:
    await look_for(reader, "soup", 3)
    for _ in range(3):
        await reader.page.keyboard.press("ArrowDown")
    await reader.page.keyboard.press("Enter")
    found = reader.see("message-text").get_by_text("🍲 Crème soup 200", exact=True)
    await expect(found).to_be_in_viewport()
    await expect(reader.see("to-live")).to_be_visible()
    await window.say("Meanwhile")
    await expect(reader.see("new-messages")).to_be_visible()
    await expect(found).to_be_in_viewport()
    await reader.see("to-end").click()
    await expect(reader.see("message-text").last).to_have_text("Meanwhile")
    await expect(reader.see("message-text").last).to_be_in_viewport()
    await expect(reader.see("to-end")).to_have_count(0)
    await window.say("And more")
    await expect(reader.see("message-text").last).to_have_text("And more")


async def test_the_past_can_be_read_on_in_both_directions(reader: Person) -> None:
    await look_for(reader, "cold", 1)
    await reader.page.keyboard.press("Enter")
    await expect(reader.see("message-text").get_by_text("Cold creme soup", exact=True)).to_be_in_viewport()
    messages = reader.see("messages")
    first = await messages.evaluate(
        "list => { list.scrollTop = 0; return list.querySelector('[data-testid=message-text]').textContent }"
    )
    await expect(reader.see("message-text").get_by_text("Message 1440", exact=True)).to_have_count(1)
    await expect(reader.see("message-text").get_by_text(first, exact=True)).to_be_in_viewport()
    await messages.evaluate("list => { list.scrollTop = list.scrollHeight }")
    await expect(reader.see("message-text").get_by_text("Message 1560", exact=True)).to_have_count(1)
    numbers = await reader.see("message").evaluate_all("all => all.map(({ dataset }) => Number(dataset.seq))")
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_hit_near_the_end_is_shown_among_the_newest(reader: Person) -> None:
    await look_for(reader, "2990", 1)
    await reader.see("hit").click()
    await expect(reader.see("message-text").get_by_text("🍲 Crème soup 2990", exact=True)).to_be_in_viewport()
    await expect(reader.see("to-live")).to_have_count(0)
    await expect(reader.see("message-text").last).to_have_text(f"Message {LONG}")


async def test_many_hits_come_in_pages(reader: Person) -> None:
    await look_for(reader, "message 29", 50)
    await expect(reader.see("search-state")).to_have_text("50 or more messages found")
    await reader.see("older").dispatch_event("click")
    await expect(reader.see("hit")).to_have_count(100)
    await reader.see("search-text").press("ArrowUp")
    await expect(reader.see("hit").first).to_have_attribute("aria-selected", "true")


async def test_a_search_goes_on_when_the_connection_is_back(reader: Person, house: House) -> None:
    await house.stop()
    await reader.disconnected()
    await reader.page.keyboard.press("Control+f")
    await reader.see("search-text").fill("soup")
    await expect(reader.see("search-state")).to_contain_text("No connection.")
    await house.start()
    await reader.connected()
    await expect(reader.see("hit")).to_have_count(3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_search_has_names_and_can_be_read(come: Come, scheme: str) -> None:
    person = await come(color_scheme=scheme, viewport={"width": 1200, "height": 700}, reduced_motion="reduce")
    await person.say("Find me")
    await person.reads("Find me")
    await person.see("open-search").click()
    await person.see("search-text").fill("find")
    await expect(person.see("hit")).to_have_count(1)
    for check in (NAMELESS, FAINT, DOUBLE_IDS):
        assert await person.page.evaluate(check) == []


async def test_a_phone_shows_what_was_chosen(come: Come) -> None:
    person = await come(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    await person.say("Find me")
    await person.reads("Find me")
    await person.see("open-search").tap()
    await person.see("search-text").fill("find")
    await person.see("hit").tap()
    await expect(person.see("search")).to_have_count(0)
    await expect(person.see("message-text")).to_be_in_viewport()
