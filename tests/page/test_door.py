"""Who comes in as whom, and what the page keeps of it."""

from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.person import LOBBY, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_key_leaves_the_address_and_is_kept_nowhere(window: Person, house: House) -> None:
    assert window.page.url == f"{house.server.window_url}?room={quote(LOBBY)}"
    await expect(window.see("nick")).to_have_value("Ingrid")
    kept = await window.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "bearer" not in kept
    assert "token" not in kept


async def test_a_window_without_a_key_says_what_to_do(come: Come, house: House) -> None:
    stranger = await come(house.server.window_url, wait=False)
    await expect(stranger.see("refusal")).to_contain_text("This window has no valid key")
    await expect(stranger.see("refusal")).to_contain_text("start Lanchat again")


async def test_a_key_opens_one_window(come: Come, house: House) -> None:
    url = house.server.new_window_url()
    await come(url)
    second = await come(url, wait=False)
    await expect(second.see("refusal")).to_be_visible()


async def test_a_window_of_an_earlier_run_says_what_to_do(window: Person, house: House) -> None:
    await house.stop()
    await window.disconnected()
    await house.start()
    await expect(window.see("refusal")).to_contain_text("start Lanchat again", timeout=15_000)


async def test_a_guest_stays_the_same_guest(guest: Person, window: Person) -> None:
    await window.page.set_viewport_size({"width": 1200, "height": 700})
    await guest.say("First visit")
    await guest.page.reload()
    await guest.connected()
    await guest.say("Second visit")
    await window.reads("First visit", "Second visit")
    await expect(window.see("message-author")).to_have_count(1)
