"""Every view of a conversation, for everybody; what a screen reader has of it, and a crowd."""

import pytest
from playwright.async_api import FloatRect, Locator, expect

from lanchat.lan.discovery.discovery import Discovery
from tests.page.axe import violations
from tests.page.conftest import Come, House
from tests.page.person import LOBBY, TEA, Person
from tests.page.test_doors import open_door, set_passphrase
from tests.page.views import DESK, MAGNIFIED, PHONE, checked
from tests.support.clients import stay_alone

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What else runs on this machine is in no picture."""
    monkeypatch.setattr(Discovery, "start", stay_alone)


TALK = (
    "Good morning! Soup at twelve?",
    "صباح الخير، أنا قادم في الساعة ١٢",
    "Here is the plan: https://example.org/plan and @Ingrid has the keys",
    "Z̵̨̛a̷l̶g̸o̵ \u202eand what turns letters around",
)


async def talked(window: Person, guest: Person) -> None:
    """Let two people have said something."""
    for number, text in enumerate(TALK):
        await (guest if number % 2 else window).say(text)
    await expect(window.see("message-text")).to_have_count(len(TALK))


async def box(what: Locator) -> FloatRect:
    """Where something is."""
    found = await what.bounding_box()
    assert found is not None
    return found


async def said_by(person: Person) -> list[tuple[FloatRect, FloatRect]]:
    """Where each text of a conversation is, whatever it is written in, and where its author is."""
    texts, authors = [await person.see(each).all() for each in ("message-text", "message-author")]
    return [(await box(text), await box(author)) for text, author in zip(texts, authors, strict=True)]


async def test_a_conversation(window: Person, guest: Person) -> None:
    await window.page.set_viewport_size(DESK)
    await talked(window, guest)
    assert all(said["x"] == pytest.approx(author["x"], abs=2) for said, author in await said_by(window))
    await checked(window, "talk")
    await window.see("actions").last.click()
    await checked(window, "talk-actions", ("light",))


async def test_a_phone(window: Person, come: Come) -> None:
    guest = await come(viewport=PHONE, has_touch=True)
    await talked(window, guest)
    await checked(guest, "phone")
    await guest.page.get_by_role("button", name="Show rooms").click()
    await checked(guest, "phone-rooms")


async def test_from_right_to_left(window: Person, guest: Person) -> None:
    await window.page.set_viewport_size(DESK)
    await window.page.evaluate("document.documentElement.dir = 'rtl'")
    await talked(window, guest)
    await checked(window, "right-to-left", ("light", "dark"))
    side, main = [await box(window.page.locator(part)) for part in ("nav", "main")]
    assert side["x"] > main["x"]
    for said, author in await said_by(window):
        assert said["x"] + said["width"] == pytest.approx(author["x"] + author["width"], abs=2)


async def test_magnified(window: Person, guest: Person) -> None:
    await talked(window, guest)
    await window.page.set_viewport_size(MAGNIFIED)
    await checked(window, "magnified", ("light",))
    await window.page.get_by_role("button", name="Show rooms").click()
    for item in (window.see("room-item").first, window.see("nick"), window.see("notices-menu")):
        await item.scroll_into_view_if_needed()
        await expect(item).to_be_in_viewport()
    await checked(window, "magnified-rooms", ("light",))


async def test_menus_and_questions(window: Person) -> None:
    await window.page.set_viewport_size(DESK)
    for button, view in (("notices-menu", "notices"), ("room-menu", "room-menu")):
        await window.see(button).click()
        await checked(window, view)
        await window.page.keyboard.press("Escape")
    await window.see("room-menu").click()
    await window.see("forget").click()
    await checked(window, "forget")


async def test_what_is_beside_a_conversation(window: Person, guest: Person) -> None:
    await window.page.set_viewport_size(DESK)
    await talked(window, guest)
    await window.page.keyboard.press("Control+f")
    await window.see("search-text").fill("soup")
    await expect(window.see("hit")).to_have_count(1)
    await checked(window, "search")
    await open_door(window)
    await checked(window, "door")


async def test_what_is_asked_and_shown_over_it(window: Person, guest: Person) -> None:
    await window.page.set_viewport_size(DESK)
    await window.open(TEA)
    await window.open(LOBBY)
    await talked(window, guest)
    await window.see("room-name").fill("t")
    await expect(window.see("choice").first).to_be_visible()
    await checked(window, "switcher")
    await window.see("room-name").fill("")
    await window.page.keyboard.press("Escape")
    await window.see("room-menu").click()
    await window.see("open-describe").click()
    await checked(window, "describe")
    await window.page.keyboard.press("Escape")
    await window.see("room-menu").click()
    await window.see("export-html").click()
    await expect(window.see("job-reveal")).to_be_visible()
    assert await violations(window.page) == []  # no picture: it shows a folder of whoever takes it
    await window.see("job-dismiss").click()
    await window.see("composer").press("Control+/")
    await checked(window, "shortcuts")
    await window.page.keyboard.press("Escape")


async def test_what_is_new_since_and_a_door_that_is_shut(window: Person, guest: Person, come: Come) -> None:
    await window.page.set_viewport_size(DESK)
    await talked(window, guest)
    await window.open(TEA)
    await guest.say("Where is everybody?")
    await expect(window.see("room-item").filter(has_text=LOBBY)).to_contain_text("1")
    await checked(window, "unread")
    await window.open(LOBBY)
    await expect(window.see("new-since")).to_be_visible()
    await checked(window, "new-since")
    await open_door(window)
    await set_passphrase(window)
    await expect(window.see("door-passphrase")).to_be_checked()
    stranger = await come(viewport=DESK, wait=False)
    await expect(stranger.see("door-page")).to_be_visible()
    await checked(stranger, "outside")


async def test_the_node_is_away(window: Person, house: House) -> None:
    await window.page.set_viewport_size(DESK)
    await window.say("Kept")
    await window.reads("Kept")
    await house.stop()
    await window.disconnected()
    await window.say("Waits")
    await expect(window.page.locator("[data-state=pending]")).to_have_count(1)
    await checked(window, "away")


async def test_toasts_cover_nothing(window: Person, guest: Person) -> None:
    await window.page.set_viewport_size(DESK)
    await talked(window, guest)
    await guest.open(TEA)
    await guest.say("@Ingrid, is there any tea?")
    toast = await window.see("toast").bounding_box()
    messages = await window.see("messages").bounding_box()
    assert toast is not None
    assert messages is not None
    assert toast["y"] + toast["height"] <= messages["y"]
    await expect(window.see("message-text").last).to_be_in_viewport()
    await checked(window, "toast")


@pytest.mark.parametrize("view", ["refused", "stats"])
async def test_what_needs_no_room(come: Come, house: House, view: str) -> None:
    url = house.server.window_url
    person = await come(f"{url}stats" if view == "stats" else url, wait=False)
    await person.page.set_viewport_size(DESK)
    await expect(person.page.get_by_role("main")).to_be_visible()
    await checked(person, view)


async def test_what_a_screen_reader_has_of_a_conversation(window: Person, guest: Person) -> None:
    await talked(window, guest)
    log = window.page.get_by_role("log")
    await expect(log).to_match_aria_snapshot(
        f"""
        - log "Messages in {LOBBY}":
          - text: Today
          - paragraph:
            - text: Ingrid
            - time
          - text: /Good morning! Soup at twelve\\? Kept by the room's computer/
          - 'button "Actions for Ingrid: Good morning! Soup at twelve?"'
          - paragraph:
            - text: /Guest \\d+ guest/
            - time
        """
    )


async def test_what_comes_is_announced_once_and_politely(window: Person, guest: Person) -> None:
    await window.page.evaluate(
        """() => {
        window.added = [];
        const log = document.querySelector("[role=log]");
        new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
            if (node.textContent.includes("Soup")) window.added.push(node.textContent);
        }))).observe(log, { childList: true, subtree: true });
    }"""
    )
    await guest.say("Soup")
    await expect(window.see("message-text")).to_have_text("Soup")
    assert await window.page.evaluate("window.added.length") == 1
    live = "[...document.querySelectorAll('[aria-live=assertive], [role=alert]')].map((node) => node.textContent)"
    assert await window.page.evaluate(live) == []


async def test_a_crowd_is_looked_through_and_moves_nobody_under_the_pointer(
    window: Person, house: House, come: Come
) -> None:
    await window.page.set_viewport_size(DESK)
    names = window.see("member-name")
    await window.see("member").first.hover()
    guests = [await come() for _ in range(3)]
    await expect(names).to_have_count(4)
    await expect(names.first).to_have_text("Ingrid")
    for person, nick in zip(guests, ("Ada 13", "Ada 7", "ben"), strict=True):
        await person.see("nick").fill(nick)
        await person.see("nick").press("Enter")
        await expect(names.filter(has_text=nick)).to_have_count(1)
    await window.see("composer").hover()
    await expect(names).to_have_text(["Ingrid", "Ada 7", "Ada 13", "ben"])
    await expect(window.see("member").filter(has_text="ben").get_by_test_id("kind")).to_have_text("guest")
