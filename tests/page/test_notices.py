"""What reaches somebody who looks elsewhere: outside of the page, as they want it, and never what is on the screen."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.person import LOBBY, TEA, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUTSIDE = """
window.told = [];
window.Notification = class {
  static permission = sessionStorage.permission ?? 'default';
  static requestPermission = async () => {
    window.Notification.permission = sessionStorage.permission = sessionStorage.answer ?? 'granted';
  };
  constructor(title, { body }) { this.words = `${title}: ${body}`; window.told.push(this); }
  close() {}
};
Object.defineProperty(document, 'visibilityState', { get: () => sessionStorage.elsewhere ? 'hidden' : 'visible' });
"""
"""In place of what the system shows, and of other windows before this one."""


async def listening(person: Person) -> Person:
    """Let a person have a system whose notices can be read."""
    await person.page.add_init_script(OUTSIDE)
    await person.page.reload()
    await person.connected()
    await expect(person.see("notices-menu")).to_be_attached()
    return person


async def look(person: Person, *, elsewhere: bool) -> None:
    await person.page.evaluate(f"sessionStorage.elsewhere = '{'yes' if elsewhere else ''}'")
    await person.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def told(person: Person) -> list[str]:
    words: list[str] = await person.page.evaluate("window.told.map(({ words }) => words)")
    return words


async def call(by: Person, person: Person, text: str) -> None:
    """Mention somebody."""
    await by.say(f"@{await person.see('nick').input_value()} {text}")


async def test_who_looks_elsewhere_is_asked_once_and_told_from_then_on(window: Person, guest: Person) -> None:
    await listening(guest)
    await call(window, guest, "on the screen")
    await expect(guest.see("message-text")).to_have_count(1)
    await look(guest, elsewhere=True)
    await call(window, guest, "first")
    await expect(guest.see("notices-ask")).to_contain_text("Shall Lanchat tell you")
    await guest.see("notices-yes").click()
    await expect(guest.see("notices-ask")).to_have_count(0)
    assert await told(guest) == []
    await call(window, guest, "second")
    await guest.page.wait_for_function("() => window.told.length === 1")
    assert (await told(guest))[0].startswith(f"Ingrid mentioned you in {LOBBY}: @")
    await expect(guest.page).to_have_title(f"(2) {LOBBY} · Lanchat")
    await guest.open(TEA)
    await guest.page.evaluate("window.told[0].onclick()")
    await expect(guest.see("room-title")).to_have_text(LOBBY)
    await expect(guest.see("message-text").last).to_be_in_viewport()


async def test_who_does_not_allow_it_hears_once_what_to_do(window: Person, guest: Person) -> None:
    await listening(guest)
    await guest.page.evaluate("sessionStorage.answer = 'denied'")
    await look(guest, elsewhere=True)
    await call(window, guest, "first")
    await guest.see("notices-yes").click()
    await expect(guest.see("notices-refused")).to_contain_text("allow notifications")
    await guest.page.reload()
    await guest.connected()
    await call(window, guest, "second")
    await expect(guest.see("toast")).to_have_count(1)
    await expect(guest.see("notices-refused")).to_have_count(0)
    await expect(guest.see("notices-ask")).to_have_count(0)


async def test_do_not_disturb_holds_at_every_window_until_it_is_ended(
    window: Person, guest: Person, house: House, come: Come
) -> None:
    other = await come(house.server.new_window_url())
    await window.see("notices-menu").click()
    await window.see("quiet-hour").click()
    for person in (window, other):
        await expect(person.see("quiet-until")).to_contain_text("Quiet until")
    for person in (window, other):
        await person.open(TEA)
    await call(guest, window, "quietly")
    await expect(other.see("room-item").filter(has_text=LOBBY)).to_contain_text("1")
    await expect(other.see("toast")).to_have_count(0)
    await other.see("notices-menu").click()
    await other.see("quiet-end").click()
    for person in (window, other):
        await expect(person.see("quiet-until")).to_have_text("")
    await call(guest, window, "aloud")
    await expect(other.see("toast")).to_have_count(1)


async def test_a_muted_room_calls_nobody_and_another_one_tells_once(window: Person, guest: Person) -> None:
    await listening(guest)
    await guest.page.evaluate("sessionStorage.permission = Notification.permission = 'granted'")
    await guest.open(TEA)
    await look(guest, elsewhere=True)
    await window.say("One")
    await guest.page.wait_for_function("() => window.told.length === 1")
    await window.say("Two")
    await expect(guest.see("room-item").filter(has_text=LOBBY)).to_contain_text("2")
    assert await told(guest) == [f"New in {LOBBY}: "]
    await look(guest, elsewhere=False)
    await guest.see("room-item").filter(has_text=LOBBY).click()
    await guest.see("room-menu").click()
    await guest.see("notices-nothing").click()
    await guest.open(TEA)
    await expect(guest.see("room-item").filter(has_text=LOBBY)).to_contain_text("muted")
    await call(window, guest, "muted")
    await window.open(TEA)
    await call(window, guest, "here")
    await expect(guest.see("message-text")).to_have_count(1)
    await expect(guest.see("toast")).to_have_count(0)
