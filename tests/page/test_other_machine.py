"""Somebody stands between two desktops: nothing is said there, and the page says why until the right one answers."""

from unittest.mock import patch

import pytest
from playwright.async_api import expect

from lanchat.journal import Journal, RoomRecord
from lanchat.lan.connection import NodeAddress
from lanchat.web.server import Server
from tests.page.conftest import House
from tests.page.person import Person
from tests.support.between import between
from tests.support.conditions import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEA = "Tea"


async def waits(journal: Journal, room: str) -> list[str]:
    return [draft.body.text for _, draft in await journal.outbox(room)]


async def test_a_man_in_the_middle_is_refused_and_the_page_says_why(house: House, window: Person, home: Server) -> None:
    node, there = house.server.node, await home.node.rooms.open(TEA)
    address = NodeAddress.parse(home.lan_url)
    async with between(address.port) as middle:
        stood = NodeAddress("127.0.0.1", middle.port)
        record = RoomRecord(id=there.id, name=TEA, home=home.node.info, addresses=(str(stood),))
        with patch.object(node.network, "find", lambda **_: record):
            copy = await node.rooms.enter(record.id)
        await window.open(TEA)
        panel = window.see("other-machine")
        await expect(panel).to_contain_text("Another machine answers where kitchen was")
        await expect(panel).to_contain_text("What you write stays here")
        await expect(window.see("room-offline")).to_have_text("Another machine answers")
        await window.say("A secret")
        await expect(window.see("message-text")).to_have_text(["A secret"])
        waiting: list[str] = await eventually(lambda: waits(node.journal, there.id), what="the post is in the outbox")
        assert waiting == ["A secret"]
        await expect(panel).to_be_visible()
        assert middle.met > 0
        assert middle.read == b""
        assert home.node.journal.top(there.id) == 0
        await copy.kept.remember_address(str(address))
        await expect(panel).to_have_count(0)
        await window.reads("A secret")
        await eventually(lambda: home.node.journal.top(there.id) == 1, what="the message is at home")
        assert middle.read == b""
