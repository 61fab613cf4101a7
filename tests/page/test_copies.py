"""What this computer has of a room: it may be full, and it may be forgotten; the page says what that means."""

from unittest.mock import patch

import pytest
from playwright.async_api import expect

from lanchat.journal import Draft, RoomRecord
from lanchat.lan.connection import NodeAddress
from lanchat.limits import Limits
from lanchat.protocol import Body
from lanchat.web.server import Server
from tests.page.conftest import House
from tests.page.person import LOBBY, TEA, Person
from tests.support.conditions import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _copy(house: House, home: Server) -> RoomRecord:
    """Have the node keep a copy of the room TEA, whose home is the other one."""
    there, node = await home.node.rooms.open(TEA), house.server.node
    where = str(NodeAddress.parse(home.lan_url))
    record = RoomRecord(id=there.id, name=TEA, home=home.node.info, addresses=(where,))
    with patch.object(node.network, "find", lambda **_: record):
        await node.rooms.enter(record.id)
    return record


async def test_a_full_copy_says_so_in_the_head_of_the_room_and_what_to_do(
    house: House, window: Person, guest: Person, home: Server
) -> None:
    house.server.node.network._quota.limits = Limits(mirror_rows=2)
    record = await _copy(house, home)
    for person in (window, guest):
        await person.open(TEA)
    for number in range(1, 4):
        said = Draft(record.id, f"nonce {number}", home.node.me, Body(text=str(number)))
        await home.node.journal.append(home.node.owner.seal.said(said))
        await window.reads(*map(str, range(1, min(number, 2) + 1)))
    await expect(window.see("room-full")).to_have_text("Full")
    await expect(window.see("full")).to_contain_text("forget the room here, let older messages go (keep_days)")
    await expect(guest.see("full")).to_contain_text("The copy on studio is full")


async def test_the_owner_forgets_a_room_here_and_is_told_what_stays_elsewhere(
    house: House, window: Person, home: Server
) -> None:
    record = await _copy(house, home)
    await window.open(TEA)
    await window.say("Soup is ready")
    await eventually(lambda: home.node.journal.top(record.id) == 1, what="it is at home")
    await window.see("room-menu").press("Enter")
    await window.see("forget").press("Enter")
    dialog = window.see("forget-dialog")
    await expect(dialog).to_contain_text("is deleted from this computer, for good")
    await expect(dialog).to_contain_text("The room goes on at kitchen")
    await expect(window.see("forget-not")).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await window.reads("Soup is ready")
    await window.see("room-menu").click()
    await window.see("forget").click()
    await window.see("forget-really").click()
    await expect(window.see("room-title")).to_have_text(LOBBY)
    await expect(window.page.get_by_text(TEA, exact=True)).to_have_count(0)
    assert record.id not in house.server.node.rooms
    assert house.server.node.journal.top(record.id) == 0
    assert home.node.journal.top(record.id) == 1


async def test_of_a_room_with_its_home_here_the_page_says_that_it_ends(window: Person) -> None:
    await window.open(TEA)
    await window.see("room-menu").click()
    await window.see("forget").click()
    await expect(window.see("forget-dialog")).to_contain_text("The room lives on this computer")
    await window.see("forget-not").click()
    await expect(window.see("room-title")).to_have_text(TEA)


async def test_a_menu_closes_where_somebody_goes_on_and_is_walked_with_the_arrows(window: Person) -> None:
    menu = window.see("room-menu")
    await menu.press("Enter")
    await expect(window.see("favourite")).to_be_visible()  # there is more in it once the room is known
    for key, item in (("ArrowDown", "favourite"), ("ArrowDown", "notices-all"), ("ArrowUp", "favourite")):
        await window.page.keyboard.press(key)
        await expect(window.see(item)).to_be_focused()
    await window.see("composer").click()
    await expect(window.see("open-door")).to_have_count(0)
    await menu.press("Enter")
    await window.page.keyboard.press("Shift+Tab")
    await expect(window.see("open-door")).to_have_count(0)
    await expect(menu).to_have_attribute("aria-expanded", "false")
