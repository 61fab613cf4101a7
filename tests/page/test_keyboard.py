"""Everything goes by keyboard, from the first second: nobody here has a mouse."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from lanchat.protocol import Post
from tests.page.conftest import Come, House
from tests.page.happenings import fill, say
from tests.page.person import LOBBY, TEA, Person
from tests.support.places import HEADLESS

pytestmark = pytest.mark.asyncio(loop_scope="session")

_FOCUSED = "() => document.activeElement.dataset.testid ?? document.activeElement.tagName"


async def focused(person: Person) -> str:
    """What has the focus, by its test id."""
    return str(await person.page.evaluate(_FOCUSED))


async def test_a_day_by_keyboard(house: House, come: Come) -> None:
    await fill(house, 300)
    person = await come()
    keyboard = person.page.keyboard
    await keyboard.type("Hello by keys")
    await keyboard.press("Enter")
    await expect(person.see("message-text").last).to_have_text("Hello by keys")

    # Reading, with the focus where one writes.
    await keyboard.press("Home")
    await expect(person.see("message-text").first).to_have_text("Message 1")
    await keyboard.press("PageDown")
    await expect(person.see("message-text").first).not_to_be_in_viewport()
    await keyboard.press("PageUp")
    await expect(person.see("message-text").first).to_be_in_viewport()
    await keyboard.press("End")
    await expect(person.see("message-text").last).to_be_in_viewport()
    assert await focused(person) == "composer"

    # Home and End belong to the text while there is one.
    await keyboard.type("bc")
    await keyboard.press("Home")
    await keyboard.type("a")
    await expect(person.see("composer")).to_have_value("abc")
    await keyboard.press("Control+A")
    await keyboard.press("Delete")

    # My own message again, and back.
    await keyboard.press("ArrowUp")
    await keyboard.type(", edited")
    await keyboard.press("Enter")
    await expect(person.see("message-text").last).to_have_text("Hello by keys, edited")
    await expect(person.see("composer")).to_be_focused()

    # Another room and back, a search, people.
    await keyboard.press("Control+K")
    await keyboard.type(TEA)
    await keyboard.press("Enter")
    await expect(person.see("room-title")).to_have_text(TEA)
    await expect(person.see("composer")).to_be_focused()
    await keyboard.press("Alt+ArrowUp")
    await expect(person.see("room-title")).to_have_text(LOBBY)
    await keyboard.press("Control+F")
    await expect(person.see("search-text")).to_be_focused()
    await keyboard.type("Message 42")
    await expect(person.see("hit").first).to_be_visible()
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await expect(person.see("message-text").get_by_text("Message 42", exact=True)).to_be_in_viewport()
    await keyboard.press("Escape")
    await expect(person.see("composer")).to_be_focused()


async def test_the_keys_are_shown_by_a_key(window: Person) -> None:
    keyboard = window.page.keyboard
    await keyboard.press("Control+/")
    await expect(window.see("shortcuts")).to_be_visible()
    await expect(window.see("shortcuts").get_by_text("Search in the room")).to_be_visible()
    await keyboard.press("Escape")
    await expect(window.see("shortcuts")).to_have_count(0)
    await expect(window.see("composer")).to_be_focused()
    await keyboard.type("?")
    await expect(window.see("composer")).to_have_value("?")
    await keyboard.press("Backspace")
    await window.see("messages").focus()
    await keyboard.press("?")
    await expect(window.see("shortcuts")).to_be_visible()
    await keyboard.press("Enter")
    await expect(window.see("shortcuts")).to_have_count(0)
    await expect(window.see("composer")).to_be_focused()


async def test_typing_anywhere_goes_to_the_composer(window: Person) -> None:
    for place in ("messages", "open-search", "show-members"):
        await window.see(place).focus()
        await window.page.keyboard.type("ab")
        await expect(window.see("composer")).to_be_focused()
    await expect(window.see("composer")).to_have_value("ababab")
    await window.see("nick").focus()
    await window.page.keyboard.type("x")
    await expect(window.see("nick")).to_be_focused()


async def test_a_chosen_name_leads_back_to_the_composer(window: Person, guest: Person) -> None:
    for person, name in ((window, "Ines"), (guest, "Milo")):
        await person.see("composer").fill("not sent yet")
        await person.see("nick").focus()
        await person.page.keyboard.press("Control+A")
        await person.page.keyboard.type(name)
        await person.page.keyboard.press("Enter")
        await expect(person.see("composer")).to_be_focused()
        await expect(person.see("composer")).to_have_value("not sent yet")
        await expect(person.see("nick")).to_have_value(name)


async def test_tab_goes_past_the_messages_and_comes_round(house: House, come: Come) -> None:
    await fill(house, 45)
    links = [Post(room="", nonce=f"link-{number}", text=f"See http://192.0.2.7/{number}") for number in range(30)]
    await say(house, [*links, Post(room="", nonce="thumb", kind="reaction", target="link-3", emoji="👍")])
    person = await come()
    await expect(person.see("reaction")).to_have_count(1)
    seen: list[str] = []
    while len(seen) < 40:
        await person.page.keyboard.press("Tab")
        seen.append(await focused(person))
        if seen[-1] == "composer":
            break
    assert seen[-1] == "composer", f"Tab does not come round: {seen}"
    assert seen.count("actions") == 1
    assert seen.count("A") == 1, "only the links of one message"
    assert "reaction" not in seen


async def test_arrow_keys_go_from_message_to_message(house: House, come: Come) -> None:
    await fill(house, 120)
    person = await come()
    await person.see("actions").last.focus()
    for _ in range(110):
        await person.page.keyboard.press("ArrowUp")
        assert await focused(person) == "actions"
    focus = await person.page.evaluate("() => document.activeElement.closest('.message').dataset.seq")
    assert focus == "10"
    await person.page.keyboard.press("Enter")
    await expect(person.see("menu")).to_be_visible()
    await person.page.keyboard.press("Escape")
    assert await focused(person) == "actions"


async def test_earlier_messages_keep_the_focus_and_the_place(house: House, come: Come) -> None:
    await fill(house, 170)
    person = await come()
    await person.see("earlier").focus()
    await person.page.keyboard.press("Enter")
    await expect(person.see("message-text").get_by_text("Message 71", exact=True)).to_have_count(1)
    assert await focused(person) == "actions"
    focus = await person.page.evaluate("() => document.activeElement.closest('.message').dataset.seq")
    assert 71 <= int(focus) <= 121, "the first message that was here, however far the view had paged back by itself"


@pytest_asyncio.fixture(loop_scope="session")
async def mouseless(browser: Browser) -> AsyncIterator[Browser]:
    """A Chromium on a machine that has neither a mouse nor a touch screen."""
    chromium = await browser.browser_type.launch(
        executable_path=HEADLESS,
        args=["--no-sandbox", "--disable-gpu", "--blink-settings=primaryPointerType=1,availablePointerTypes=1"],
    )
    yield chromium
    await chromium.close()


async def test_a_machine_without_a_mouse_has_the_focus_where_one_writes(mouseless: Browser, house: House) -> None:
    person = Person(await mouseless.new_page())
    await person.go(house.server.new_window_url())
    assert await person.page.evaluate("() => matchMedia('(pointer: none)').matches")
    await expect(person.see("composer")).to_be_focused()
    await person.page.keyboard.press("Control+K")
    await person.page.keyboard.press("Escape")
    await expect(person.see("composer")).to_be_focused()
    await person.page.keyboard.type("Only keys")
    await person.page.keyboard.press("Enter")
    await person.reads("Only keys")
    assert person.problems == []
