"""A guest over plain http is told so all the time, and comes by TLS after one warning of the browser."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, expect

from tests.page.conftest import Come, House, launched
from tests.page.person import LOBBY, Person
from tests.support.places import CHROMIUM

pytestmark = pytest.mark.asyncio(loop_scope="session")


def url(house: House, scheme: str) -> str:
    """The room app under the name of the node, which is not that of this machine: nobody is on loopback there."""
    return f"{scheme}://lanchat-{house.server.node.info.id[:8]}.local:{house.config.port}/"


async def test_an_unencrypted_guest_is_told_so_and_led_to_the_encrypted_address(
    come: Come, house: House, window: Person
) -> None:
    guest = await come(url(house, "http"))
    await expect(guest.see("unencrypted")).to_contain_text("Not encrypted: others on this network can read along.")
    await expect(guest.see("encrypted")).to_have_attribute("href", url(house, "https"))
    assert await guest.page.evaluate("window.isSecureContext") is False
    await expect(window.see("unencrypted")).to_have_count(0)


@pytest.mark.parametrize("width", [1200, 400])
async def test_the_note_stays_in_view(come: Come, house: House, window: Person, width: int) -> None:
    guest = await come(url(house, "http"), viewport={"width": width, "height": 700})
    await guest.say("Hello")
    await guest.reads("Hello")
    await expect(guest.see("unencrypted")).to_be_in_viewport()


async def test_the_window_shows_the_encrypted_address_and_the_key_to_compare(house: House, window: Person) -> None:
    await window.page.get_by_text("Encrypted", exact=True).click()
    (room,) = house.server.node.rooms
    await expect(window.see("encrypted-address")).to_have_value(f"{house.server.secure_url}#r={room.id}")
    shown = await window.see("fingerprint").text_content()
    assert (shown or "").replace(":", "").lower() == house.server.node.keyring.node.fingerprint


async def go_on(guest: Person) -> None:
    """Do what a person does who goes on: Chromium's page of the warning takes this word in place of two clicks."""
    async with asyncio.timeout(60):
        while True:
            await guest.page.keyboard.type("thisisunsafe")
            with contextlib.suppress(AssertionError):
                await expect(guest.see("connection")).to_have_attribute("data-state", "ready", timeout=5_000)
                return


@pytest_asyncio.fixture(loop_scope="session")
async def warning() -> AsyncIterator[Browser]:
    """A Chromium that warns of a certificate that nobody vouches for."""
    async with launched(CHROMIUM) as chromium:
        yield chromium


async def test_after_one_warning_everything_goes_by_tls_and_what_needs_that_works(
    warning: Browser, house: House, window: Person
) -> None:
    context = await warning.new_context()
    try:
        guest = Person(await context.new_page())
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            await guest.page.goto(url(house, "https"))
        await go_on(guest)
        await guest.say("By TLS")
        await window.reads("By TLS")
        await expect(guest.see("unencrypted")).to_have_count(0)
        assert guest.page.url.startswith("https://")
        assert await guest.page.evaluate("window.isSecureContext") is True
        assert await guest.page.evaluate("typeof navigator.clipboard.writeText") == "function"
        assert await guest.page.evaluate("typeof navigator.mediaDevices.getUserMedia") == "function"
        await context.grant_permissions(
            ["clipboard-read", "clipboard-write", "notifications"], origin=url(house, "https")
        )
        copied = "navigator.clipboard.writeText('x').then(() => navigator.clipboard.readText())"
        assert await guest.page.evaluate(copied) == "x"
        assert await guest.page.evaluate("Notification.permission") == "granted"
        await expect(guest.see("room-title")).to_have_text(LOBBY)
        assert guest.problems == []
    finally:
        await context.close()
