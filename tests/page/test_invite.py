"""Inviting: the panel, the empty room, and why nobody is found, in the owner's window and in browsers of guests."""

import asyncio
import hashlib
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Locator, expect

from lanchat.identity import Keyring
from lanchat.lan import addresses, networks
from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.diagnosis import doctor
from lanchat.lan.diagnosis.examination import Patient
from lanchat.lan.diagnosis.facts import Facts
from lanchat.lan.discovery import explorer
from lanchat.sessions import OWNERS
from lanchat.sessions.commands.sharing import qr_code
from lanchat.web.server import Server
from tests.page.axe import violations
from tests.page.conftest import Come, House
from tests.page.person import LOBBY, TEA, Person
from tests.page.test_doors import open_door
from tests.support.conditions import eventually
from tests.support.lan.facts import facts, witness

pytestmark = pytest.mark.asyncio(loop_scope="session")

READER = ("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable")
TWO = (
    InterfaceAddress("lo", 1, "127.0.0.1", 8),
    InterfaceAddress("eth0", 2, "192.0.2.5", 24),
    InterfaceAddress("wlan0", 3, "198.51.100.5", 24),
)


def be_in(monkeypatch: pytest.MonkeyPatch, house: House, *links: InterfaceAddress) -> None:
    """Let the node's machine have these addresses, the last one on the way out."""
    for module in (networks, addresses):
        monkeypatch.setattr(module, "read_links", lambda: list(links))
        monkeypatch.setattr(module, "outward_address", lambda: links[-1].address)
    house.server.node.config = msgspec.structs.replace(house.server.node.config, bind="")


def find(monkeypatch: pytest.MonkeyPatch, found: Facts) -> None:
    """Let an examination of the network find these facts."""

    async def examine(patient: Patient) -> Facts:
        return msgspec.structs.replace(found, twin=patient.twin or found.twin)

    monkeypatch.setattr(doctor, "examine", examine)


async def open_panel(person: Person) -> None:
    """Open the panel by its key."""
    await person.page.keyboard.press("Control+i")
    await expect(person.see("invite-panel")).to_be_visible()


def panel(person: Person, what: str) -> Locator:
    """Return a part of the panel."""
    return person.see("invite-panel").get_by_test_id(what)


async def read_off(person: Person, folder: Path) -> str:
    """Return what a program that reads QR codes, and knows nothing of ours, finds on a picture of the whole page."""
    file = folder / "screen.png"
    await person.page.screenshot(path=file)
    reader = await asyncio.create_subprocess_exec(*READER, str(file), stdout=PIPE)
    found, _ = await reader.communicate()
    return found.decode().strip()


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def room_id(house: House, name: str = LOBBY) -> str:
    (room,) = [room for room in house.server.node.rooms if room.name == name]
    return room.id


async def test_the_panel_is_one_click_and_one_key_away_and_passes_on_the_address_with_the_room(
    house: House, window: Person, guest: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_in(monkeypatch, house, *TWO[:2])
    await window.see("open-invite").click()
    link = f"http://192.0.2.5:{house.config.port}/#r={room_id(house)}"
    await expect(panel(window, "address")).to_have_value(link)
    await expect(panel(window, "network")).to_have_text("Cable · eth0")
    await expect(panel(window, "qr")).to_be_visible()
    drawn = await panel(window, "qr").locator("path").get_attribute("d")
    assert (drawn or "").count("M") == sum(row.count("1") for row in qr_code(link))
    await window.page.keyboard.press("Escape")
    await expect(window.see("invite-panel")).to_have_count(0)
    await expect(window.see("composer")).to_be_focused()
    await open_panel(window)
    await window.page.keyboard.press("Control+i")
    await expect(window.see("invite-panel")).to_have_count(0)
    # The guest of these tests came by loopback, so what they have leads nobody here.
    await open_panel(guest)
    await expect(panel(guest, "address")).to_have_value(f"{house.guest_url}#r={room_id(house)}")
    await expect(panel(guest, "unreachable")).to_contain_text("Nobody else reaches this address")
    await expect(panel(guest, "qr")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_reader_of_pictures_reads_the_address_off_the_screen(
    house: House, come: Come, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    be_in(monkeypatch, house, *TWO[:2])
    window = await come(house.server.new_window_url(), color_scheme=scheme, viewport={"width": 390, "height": 800})
    await expect(window.see("qr")).to_be_visible()
    alone = await read_off(window, tmp_path)
    await open_panel(window)
    await expect(panel(window, "qr")).to_be_visible()
    address = await panel(window, "address").input_value()
    assert alone == await read_off(window, tmp_path) == address


async def test_a_link_leads_into_its_room_and_an_address_without_one_to_where_most_people_are(
    house: House, window: Person, come: Come
) -> None:
    await window.say("Most people are here")
    await window.open(TEA)
    await open_panel(window)
    link = await panel(window, "address").input_value()
    assert link.endswith(room_id(house, TEA))
    await window.open("Accident")
    others = [await come(house.guest_url) for _ in range(2)]
    for other in others:
        await other.open(LOBBY)
    new = await come()
    await expect(new.see("room-title")).to_have_text(LOBBY)
    invited = await come(link)
    await expect(invited.see("room-title")).to_have_text(TEA)
    assert "#" not in invited.page.url
    stale = await come(f"{house.guest_url}#r={'0' * 32}")
    await expect(stale.see("room-title")).to_have_text(LOBBY)
    # Also in a page that is open already, and by the field for rooms.
    await stale.page.evaluate("link => { location.href = link }", link)
    await expect(stale.see("room-title")).to_have_text(TEA)
    await new.see("room-name").fill(link)
    await new.see("room-name").press("Enter")
    await expect(new.see("room-title")).to_have_text(TEA)


async def test_copying_works_over_plain_http_and_where_it_does_not_the_address_is_selected(
    house: House, window: Person, come: Come
) -> None:
    guest = await come(f"http://lanchat-{house.server.node.info.id[:8]}.local:{house.config.port}/")
    assert await guest.page.evaluate("navigator.clipboard === undefined && navigator.share === undefined")
    await open_panel(guest)
    await expect(panel(guest, "share")).to_have_count(0)
    link = await panel(guest, "address").input_value()
    await panel(guest, "copy-address").click()
    await expect(guest.see("invite-panel").get_by_text("Copied")).to_be_visible()
    await guest.see("composer").focus()
    await guest.page.keyboard.press("Control+v")
    await expect(guest.see("composer")).to_have_value(link)
    await guest.page.evaluate("document.execCommand = () => false")
    await panel(guest, "copy-address").click()
    await expect(guest.see("invite-panel").get_by_text("does not allow copying")).to_be_visible()
    await expect(panel(guest, "address")).to_be_focused()
    assert await guest.page.evaluate("document.activeElement.selectionEnd") == len(link)


async def test_what_shares_on_this_device_is_offered(window: Person) -> None:
    await window.page.evaluate(
        "() => { navigator.share = (what) => { window.shared = what; return Promise.reject(new Error()) } }"
    )
    await open_panel(window)
    await panel(window, "share").click()
    shared = await window.page.evaluate("window.shared")
    assert shared["url"] == await panel(window, "address").input_value()
    assert LOBBY in shared["title"]


async def test_of_several_networks_one_is_chosen_with_the_picture(
    house: House, window: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_in(monkeypatch, house, *TWO)
    await open_panel(window)
    networks_shown = panel(window, "networks")
    await expect(networks_shown.locator("label")).to_have_count(2)
    await expect(networks_shown.locator("label").first).to_contain_text("Wi-Fi")
    await expect(networks_shown.locator("label").last).to_contain_text("Cable")
    wifi, cable = (f"{address}:{house.config.port}" for address in ("198.51.100.5", "192.0.2.5"))
    await expect(panel(window, "address")).to_have_value(f"http://{wifi}/#r={room_id(house)}&a={cable}")
    await expect(panel(window, "unreachable")).to_have_count(0)
    before = await panel(window, "qr").locator("path").get_attribute("d")
    await networks_shown.get_by_text("Cable").click()
    await expect(panel(window, "address")).to_have_value(f"http://{cable}/#r={room_id(house)}&a={wifi}")
    assert await panel(window, "qr").locator("path").get_attribute("d") != before


async def test_another_network_is_shown_as_soon_as_the_machine_is_in_it(
    house: House, window: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_in(monkeypatch, house, *TWO[:2])
    await open_panel(window)
    await expect(panel(window, "address")).to_have_value(f"http://192.0.2.5:{house.config.port}/#r={room_id(house)}")
    be_in(monkeypatch, house, TWO[0], TWO[2])
    await house.server.node.layer.group_send(OWNERS, {"type": "node.moved"})
    await expect(panel(window, "address")).to_have_value(f"http://198.51.100.5:{house.config.port}/#r={room_id(house)}")
    await expect(panel(window, "network")).to_have_text("Wi-Fi · wlan0")


async def test_guests_pass_a_room_on_only_where_its_door_lets_others_in(
    house: House, window: Person, guest: Person
) -> None:
    await open_door(window)
    await window.see("door-invite").click()
    await open_panel(guest)
    await expect(panel(guest, "share-problem")).to_contain_text("Ask somebody in it who has Lanchat")
    await expect(panel(guest, "address")).to_have_count(0)


async def test_into_a_room_by_invitation_the_panel_makes_one(house: House, window: Person, come: Come) -> None:
    await open_door(window)
    await window.see("door-invite").click()
    await expect(window.see("door-sign").first).to_be_attached()
    await open_panel(window)
    await expect(panel(window, "qr")).to_have_count(0)
    await panel(window, "share-one").click()
    await expect(panel(window, "address")).to_be_visible()
    link = await panel(window, "address").input_value()
    assert "&i=" in link
    invited = await come(link)
    await invited.say("in")
    await window.reads("in")
    assert "#" not in invited.page.url


async def test_whoever_is_alone_sees_how_to_invite_and_then_why_nobody_is_found(
    house: House, come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(monkeypatch, facts(witnesses=(witness(reaches=False),)))
    window = await come("about:blank", wait=False)
    await window.page.clock.install()
    await window.go(house.server.new_window_url())
    nobody = window.see("nobody-here")
    await expect(nobody.get_by_test_id("address")).to_have_value(f"{house.guest_url}#r={room_id(house)}")
    await expect(nobody).to_contain_text("Nobody else is here yet")
    await expect(window.see("finding")).to_have_count(0)
    finding = nobody.get_by_test_id("finding")

    async def found() -> Any:
        await window.page.clock.run_for(2_000)
        return await finding.count() == 1

    await eventually(found, what="it is found out by itself")
    await expect(finding).to_have_attribute("data-cause", "port_closed")
    commands = finding.get_by_test_id("command")
    await expect(commands.first).to_have_value("sudo ufw allow 28280/tcp")
    await finding.get_by_test_id("copy-command").last.click()
    await expect(finding).to_contain_text("Copied")
    # The repair is looked at by a button, and a network that is well is no empty list.
    find(monkeypatch, facts(witnesses=()))
    await nobody.get_by_test_id("look-again").click()
    await expect(nobody.get_by_test_id("well")).to_contain_text("The network is fine")
    # As soon as somebody comes there is nothing more to find out.
    guest = await come()
    await expect(window.see("nobody-here")).to_have_count(0)
    await expect(guest.see("nobody-here")).to_have_count(0)
    await guest.say("Hello")
    await expect(window.see("message-text")).to_have_text("Hello")


async def test_a_guest_who_is_alone_is_shown_the_way_in_and_no_diagnosis(come: Come) -> None:
    guest = await come()
    await expect(guest.see("nobody-here").get_by_test_id("address")).to_be_visible()
    await expect(guest.see("findings")).to_have_count(0)


async def test_keys_that_another_machine_has_are_renewed_by_a_button(
    house: House, window: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, data_dir = house.server.node, house.config.data_dir
    find(monkeypatch, facts())
    await node.twins.answered("192.0.2.10", "another run")
    await window.see("look-again").click()
    finding = window.see("finding")
    await expect(finding).to_have_attribute("data-cause", "cloned")
    await expect(finding).to_contain_text("192.0.2.10")
    await finding.get_by_test_id("renew").click()
    await expect(finding).to_contain_text("Quit Lanchat and start it again")
    before = node.info.id
    await house.stop()
    await house.start()
    assert house.server.node.info.id != before
    assert Keyring.peek(data_dir).former == {before}


async def test_guests_of_the_same_system_get_the_program_with_its_hash(
    house: House, tmp_path: Path, come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lanchat"
    content = os.urandom(300_000)
    file.write_bytes(content)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "_MEI12ab"), raising=False)
    monkeypatch.setattr(sys, "executable", str(file))
    await house.stop()
    await house.start()
    window, guest = await come(house.server.new_window_url()), await come()
    sha256 = hashlib.sha256(content).hexdigest()
    for person in (window, guest):
        await open_panel(person)
        await expect(panel(person, "app-hash")).to_have_text(sha256)
    await expect(panel(window, "download")).to_have_count(0)
    async with guest.page.expect_download() as begun:
        await panel(guest, "download").click()
    download = await begun.value
    assert download.suggested_filename == "lanchat"
    assert await asyncio.to_thread(sha256_of, Path(await download.path())) == sha256
    agents = {"Windows NT 10.0; Win64; x64": "For Windows", "Linux; Android 15; Mobile": "On a phone"}
    for agent, words in agents.items():
        other = await come(user_agent=f"Mozilla/5.0 ({agent})")
        await open_panel(other)
        await expect(panel(other, "get-app")).to_contain_text(words)
        await expect(panel(other, "download")).to_have_count(0)


async def test_a_node_from_its_source_says_that_it_has_no_program_to_give(window: Person, guest: Person) -> None:
    await open_panel(guest)
    await expect(panel(guest, "get-app")).to_contain_text("runs from its source")
    await open_panel(window)
    await expect(panel(window, "address")).to_be_visible()
    await expect(panel(window, "get-app")).to_have_count(0)


async def test_everything_in_it_goes_by_keyboard(
    house: House, window: Person, guest: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_in(monkeypatch, house, *TWO)
    await open_panel(window)
    await expect(panel(window, "networks")).to_be_visible()
    reached = set()
    for _ in range(60):
        await window.page.keyboard.press("Tab")
        reached.add(await window.page.evaluate("document.activeElement.dataset.testid ?? document.activeElement.type"))
        if {"address", "copy-address", "radio"} <= reached:
            break
    assert {"address", "copy-address", "radio"} <= reached
    await window.page.keyboard.press("?")
    await window.page.keyboard.press("Escape")
    await window.page.keyboard.press("Control+/")
    await expect(window.see("shortcuts")).to_contain_text("Invite people to the room")


async def test_names_of_any_script_make_the_same_short_address(house: House, window: Person) -> None:
    for name in ("🦜" * 40, "שלום " + "ع" * 30):
        await window.see("room-name").fill(name)
        await window.see("room-name").press("Enter")
        await expect(window.see("room-title")).to_have_attribute("title", name)
        await expect(window.see("address")).to_have_value(f"{house.guest_url}#r={room_id(house, name)}")


async def test_others_are_looked_for_at_a_click_and_at_an_address_that_is_typed(
    house: House, window: Person, home: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(monkeypatch, facts(witnesses=()))
    monkeypatch.setattr(explorer, "to_sweep", lambda _: ["127.0.0.2", "127.0.0.3"])
    await window.open("Empty")
    await window.see("search-network").click()
    await expect(window.see("looked")).to_have_text("Searched 2 addresses of this network: nobody.")
    await window.see("search-network").click()
    await expect(window.see("look-problem")).to_contain_text("searched just now")
    await window.see("look-typed").click()
    await window.see("look-address").fill("not an address")
    await window.see("look-at").click()
    await expect(window.see("look-problem")).to_contain_text("is not the address of a node")
    # By the field for rooms as well, where somebody is not alone.
    await window.see("room-name").fill("Look for other")
    await window.see("choices").get_by_text("Look for other computers").click()
    looking = window.see("look-panel")
    await looking.get_by_test_id("look-address").fill(home.lan_url)
    await looking.get_by_test_id("look-at").click()
    await expect(looking.get_by_test_id("looked")).to_contain_text(f"{home.node.info.name} answers at")
    assert await violations(window.page) == []
    await looking.get_by_role("button", name="Close the search").click()
    await expect(looking).to_have_count(0)


async def test_who_is_in_two_networks_is_asked_to_pass_a_room_on_and_can_end_it(
    house: House, window: Person, guest: Person, home: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, bridges = house.server.node, house.server.node.network.bridges
    monkeypatch.setattr(bridges, "look", lambda *_: None)
    room = (await home.node.rooms.open("Far away")).id
    await window.see("room-name").fill(f"{home.lan_url}#r={room}")
    await window.see("room-name").press("Enter")
    await expect(window.see("room-title")).to_have_text("Far away")
    await expect(window.see("bridge")).to_have_count(0)
    monkeypatch.setattr(bridges, "_offered", frozenset({room}))
    node.directory.changed()
    await expect(window.see("bridge")).to_contain_text("do not reach kitchen, where this room is")
    assert await violations(window.page) == []
    await window.see("bridge-turn").click()
    await expect(window.see("bridge")).to_contain_text("come to kitchen and this room through this computer")
    assert bridges.passes(home.node.info.id)
    await guest.open("Far away")
    await expect(guest.see("bridge")).to_have_count(0)
    monkeypatch.setattr(bridges, "_offered", frozenset())
    await window.see("bridge-turn").click()
    await expect(window.see("bridge")).to_have_count(0)
    assert not bridges.passes(home.node.info.id)
