"""The panel that invites and the empty room, for everybody: with one network and with two, and for each cause."""

import pytest
from playwright.async_api import expect

from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.diagnosis.facts import Echo, Facts
from lanchat.lan.discovery.discovery import Discovery
from tests.page.conftest import Come, House
from tests.page.person import Person
from tests.page.test_invite import be_in, find, open_panel, panel
from tests.page.views import DESK, PHONE, checked
from tests.support.clients import stay_alone
from tests.support.lan.facts import LOOPBACK, facts, witness

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIFI = InterfaceAddress("wlan0", 3, "192.0.2.5", 24)
CABLE = InterfaceAddress("eth0", 2, "198.51.100.5", 24)
CAUSES = {
    "firewall": facts(witnesses=(witness(reaches=False),)),
    "multicast": facts(echoes=(Echo("wlan0", sent=True, heard=False),), witnesses=()),
    "no-network": facts(LOOPBACK),
    "cloned": facts(twin="192.0.2.77"),
    "well": facts(witnesses=()),
}
PORT = 28_280
"""The usual one, for the pictures: nobody dials it here."""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What else runs on this machine is in no picture."""
    monkeypatch.setattr(Discovery, "start", stay_alone)


@pytest.mark.parametrize("links", [(WIFI,), (CABLE, WIFI)], ids=["one", "two"])
async def test_the_panel(
    house: House, window: Person, monkeypatch: pytest.MonkeyPatch, links: tuple[InterfaceAddress, ...]
) -> None:
    be_in(monkeypatch, house, LOOPBACK, *links)
    house.server.node.network.port = PORT
    await window.page.set_viewport_size(DESK)
    await window.say("Is everybody here?")
    await window.say("Ada is still missing, I send her the address.")
    await window.reads("Is everybody here?", "Ada is still missing, I send her the address.")
    await open_panel(window)
    await expect(panel(window, "qr")).to_be_visible()
    await checked(window, f"invite-{'one' if len(links) == 1 else 'two'}")
    await window.page.set_viewport_size(PHONE)
    await expect(panel(window, "qr")).to_be_visible()
    await checked(window, f"invite-{'one' if len(links) == 1 else 'two'}-phone", ("light",))


@pytest.mark.parametrize("cause", CAUSES)
async def test_the_empty_room(house: House, come: Come, monkeypatch: pytest.MonkeyPatch, cause: str) -> None:
    found: Facts = CAUSES[cause]
    be_in(monkeypatch, house, *((LOOPBACK,) if found.links == (LOOPBACK,) else (LOOPBACK, WIFI)))
    house.server.node.network.port = PORT
    find(monkeypatch, found)
    window = await come(house.server.new_window_url(), viewport=DESK)
    await window.see("look-again").click()
    await expect(window.see("finding").or_(window.see("well")).first).to_be_visible()
    await expect(window.see("address")).to_be_visible()
    await checked(window, f"alone-{cause}")
    if cause == "firewall":
        await window.page.set_viewport_size(PHONE)
        await checked(window, f"alone-{cause}-phone", ("light",))
