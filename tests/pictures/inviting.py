"""The panel that invites, with one network and with two; and the empty room of somebody who finds nobody."""

from playwright.async_api import Page, expect

from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.diagnosis.facts import Echo, Facts
from tests.pictures.studio import SCHEMES, Scheme, Studio
from tests.support.lan.facts import LOOPBACK, facts, witness

WIFI = InterfaceAddress("wlan0", 3, "192.0.2.5", 24)
CABLE = InterfaceAddress("eth0", 2, "198.51.100.5", 24)
CAUSES = {
    "firewall": facts(witnesses=(witness(reaches=False),)),
    "multicast": facts(echoes=(Echo("wlan0", sent=True, heard=False),), witnesses=()),
    "no-network": facts(LOOPBACK),
    "cloned": facts(twin="192.0.2.77"),
    "well": facts(witnesses=()),
}


async def invite(studio: Studio) -> None:
    """Take the panel beside a conversation, with one network and with two."""
    for name, links in {"one": (WIFI,), "two": (CABLE, WIFI)}.items():
        for scheme in SCHEMES:
            async with studio.node(LOOPBACK, *links) as server, studio.page(server.new_window_url(), scheme) as page:
                await _say(page, "Is everybody here?", "Ada is still missing, I send her the address.")
                await page.keyboard.press("Control+i")
                await expect(page.get_by_test_id("qr")).to_be_visible()
                await studio.take(page, f"invite-{name}-{scheme}")


async def alone(studio: Studio) -> None:
    """Take the empty room: for each cause what it is and what to do; the firewall on a phone's width as well."""
    for cause, found in CAUSES.items():
        for scheme in SCHEMES:
            await _alone(studio, f"alone-{cause}-{scheme}", found, scheme)
    await _alone(studio, "alone-firewall-phone", CAUSES["firewall"], "light", width=390)


async def _alone(studio: Studio, name: str, found: Facts, scheme: Scheme, width: int = 1200) -> None:
    links = (LOOPBACK,) if found.links == (LOOPBACK,) else (LOOPBACK, WIFI)
    async with studio.node(*links, found=found) as server, studio.page(server.new_window_url(), scheme, width) as page:
        await page.get_by_test_id("look-again").click()
        await expect(page.get_by_test_id("finding").or_(page.get_by_test_id("well")).first).to_be_visible()
        await expect(page.get_by_test_id("address")).to_be_visible()
        await studio.take(page, name)


async def _say(page: Page, *texts: str) -> None:
    for text in texts:
        await page.get_by_test_id("composer").fill(text)
        await page.get_by_test_id("composer").press("Enter")
    await expect(page.locator("[data-testid=message][data-state=sent]")).to_have_count(len(texts))
