"""Who comes in as whom, and what the page keeps of it."""

from urllib.parse import quote

import pytest
from aiohttp import web
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.person import LOBBY, Person
from tests.support.conditions import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_key_leaves_the_address_and_is_in_no_cookie(window: Person, house: House) -> None:
    assert window.page.url == f"{house.server.window_url}?room={quote(LOBBY)}"
    await expect(window.see("nick")).to_have_value("Ingrid")
    assert await window.page.evaluate("JSON.stringify([{...sessionStorage}, document.cookie])") == '[{},""]'


async def test_the_owner_is_in_again_after_a_reload_in_another_tab_and_after_a_restart(
    window: Person, house: House
) -> None:
    await window.page.reload()
    await window.connected()
    other = Person(await window.page.context.new_page())
    await other.go(house.server.window_url)
    await expect(other.see("nick")).to_have_value("Ingrid")
    await house.stop()
    for person in (window, other):
        await person.disconnected()
        await expect(person.see("offline")).to_contain_text("What is written here is safe")
    await house.start()
    for person in (window, other):
        await person.connected()
    await window.say("Still here")
    await other.reads("Still here")
    assert other.problems == []


async def test_who_gets_the_port_meanwhile_learns_nothing_of_the_key(window: Person, house: House) -> None:
    key = await window.page.evaluate("localStorage.getItem('lanchat.window')")
    heard: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(f"{request.path} {request.headers} {await request.text()}")
        return web.json_response({"proof": "0" * 64})

    await house.stop()
    await window.disconnected()
    stranger = web.Application()
    stranger.router.add_route("*", "/{path:.*}", listen)
    runner = web.AppRunner(stranger)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", house.config.window_port).start()
    await eventually(lambda: sum("/proof" in line for line in heard) > 1)
    await runner.cleanup()
    assert not any(key.strip('"') in line for line in heard)
    await house.start()
    await window.connected()


async def test_a_browser_signs_out_and_stays_out(window: Person, house: House) -> None:
    other = Person(await window.page.context.new_page())
    await other.go(house.server.window_url)
    await window.see("room-name").fill("sign out this")
    await window.page.get_by_role("option", name="Sign out this browser").click()
    await expect(window.see("refusal")).to_contain_text("This browser is signed out")
    await expect(other.see("refusal")).to_be_visible()
    await window.page.reload()
    await expect(window.see("refusal")).to_contain_text("no valid key")


async def test_a_window_without_a_key_says_what_to_do(come: Come, house: House) -> None:
    stranger = await come(house.server.window_url, wait=False)
    await expect(stranger.see("refusal")).to_contain_text("This window has no valid key")
    await expect(stranger.see("refusal")).to_contain_text("start Lanchat again")


async def test_a_key_opens_one_window(come: Come, house: House) -> None:
    url = house.server.new_window_url()
    await come(url)
    second = await come(url, wait=False)
    await expect(second.see("refusal")).to_be_visible()


async def test_a_guest_stays_the_same_guest(guest: Person, window: Person) -> None:
    await window.page.set_viewport_size({"width": 1200, "height": 700})
    await guest.say("First visit")
    await guest.page.reload()
    await guest.connected()
    await guest.say("Second visit")
    await window.reads("First visit", "Second visit")
    await expect(window.see("message-author")).to_have_count(1)
