"""What was seen is never lost, never doubled, and in one order, whatever happens to the node and to the cable."""

from unittest.mock import patch

import pytest
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.happenings import fill, no_space
from tests.page.person import TEA, Person
from tests.support.conditions import eventually
from tests.support.faults import Wire, cut
from tests.support.rooms.members import FakeUpstream
from tests.support.rooms.said import THERE, event, record

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_was_typed_while_the_node_was_away_arrives_once(guest: Person, house: House, come: Come) -> None:
    await guest.say("Before")
    await guest.reads("Before")
    await house.stop()
    await guest.disconnected()
    await expect(guest.see("offline")).to_be_visible()
    await guest.say("While it was away")
    await guest.say("And another")
    await expect(guest.page.locator("[data-state=pending]")).to_have_count(2)
    await house.start()
    await guest.connected()
    await guest.reads("Before", "While it was away", "And another")
    await (await come()).reads("Before", "While it was away", "And another")


async def test_what_was_typed_survives_a_closed_page(guest: Person, house: House) -> None:
    await house.stop()
    await guest.disconnected()
    await guest.say("Before the page was closed")
    page = await guest.page.context.new_page()
    await guest.page.close()
    await house.start()
    again = Person(page)
    await again.go(house.guest_url)
    await again.reads("Before the page was closed")
    await again.page.reload()
    await again.reads("Before the page was closed")
    assert again.problems == []


async def test_a_cut_cable_loses_and_doubles_nothing(house: House, window: Person, come: Come) -> None:
    async with Wire(house.config.port or 0) as wire:
        guest = await come(wire.url)
        await guest.say("One")
        await window.reads("One")
        with cut(wire):
            await guest.disconnected()
            await guest.say("Two, from behind the cut")
            await window.say("Three, meanwhile")
            await window.reads("One", "Three, meanwhile")
        await guest.connected()
        for person in (window, guest):
            await person.reads("One", "Three, meanwhile", "Two, from behind the cut")
        await guest.page.close()


async def test_long_absence_shows_that_there_is_more_and_pages_back(house: House, guest: Person) -> None:
    await guest.say("The very first")
    await guest.reads("The very first")
    await house.stop()
    await guest.disconnected()
    # Only now: Chromium holds back the end of a connection as well while it plays being offline.
    await guest.page.context.set_offline(True)
    await house.start()
    texts = await fill(house, 70)
    await guest.page.context.set_offline(False)
    await guest.connected()
    await expect(guest.see("message-text").last).to_have_text(texts[-1])
    await guest.see("messages").evaluate("list => { list.scrollTop = 0 }")
    await guest.reads("The very first", *texts)
    await expect(guest.see("earlier")).to_have_count(0)


async def test_history_is_paged_back_and_the_lines_stay_in_place(house: House, come: Come) -> None:
    texts = await fill(house, 130)
    guest = await come()
    await expect(guest.see("message-text")).to_have_text(texts[-50:])
    await expect(guest.see("message-text").last).to_be_in_viewport()
    await guest.see("messages").evaluate("list => { list.scrollTop = 100 }")
    await expect(guest.see("message-text")).to_have_text(texts[-100:])
    await expect(guest.see("message-text").get_by_text("Message 83", exact=True)).to_be_in_viewport()
    await guest.see("messages").evaluate("list => { list.scrollTop = 100 }")
    await expect(guest.see("message-text")).to_have_text(texts)
    await expect(guest.see("earlier")).to_have_count(0)


async def test_a_reader_further_up_is_told_of_new_messages(house: House, window: Person, come: Come) -> None:
    await fill(house, 60)
    guest = await come()
    await expect(guest.see("message-text").last).to_be_in_viewport()
    await guest.see("messages").evaluate("list => { list.scrollTop = list.scrollHeight / 2 }")
    await expect(guest.see("to-end")).to_be_visible()
    await window.say("Something new")
    await guest.see("new-messages").click()
    await expect(guest.see("message-text").last).to_have_text("Something new")
    await expect(guest.see("message-text").last).to_be_in_viewport()
    await expect(guest.see("to-end")).to_have_count(0)


async def test_a_long_history_on_its_way_is_said_quietly_and_leaves_reading_and_writing(
    house: House, window: Person
) -> None:
    node, upstream = house.server.node, FakeUpstream()
    there = record("m" * 32, TEA, THERE)
    with patch.object(node.network, "find", lambda **_: there), patch.object(node.network, "link", lambda _: upstream):
        room = await node.rooms.enter(there.id)
    await node.journal.mirror(room.id, [event(1, "One", room=room.id), event(2, "Two", room=room.id)])
    upstream.fetching = 1_000_000
    node.rooms.changed()
    await window.open(TEA)
    await expect(window.see("fetching")).to_have_text("Fetching what was said: 2 of 1,000,000")
    await window.reads("One", "Two")
    await window.say("Three")
    await expect(window.see("message-text")).to_have_text(["One", "Two", "Three"])
    await eventually(lambda: upstream.flushed == 1, what="the post is in the outbox")
    (_, said), *_ = await node.journal.outbox(room.id)
    upstream.fetching = 0
    await node.journal.mirror(room.id, [event(3, "Three", room=room.id, nonce=said.nonce)])
    node.rooms.changed()
    await window.reads("One", "Two", "Three")
    await expect(window.see("fetching")).to_have_count(0)


async def test_a_post_that_was_not_kept_says_so_and_can_be_sent_again(window: Person, guest: Person) -> None:
    await guest.say("Kept")
    await guest.reads("Kept")
    with no_space():
        await guest.say("Not kept")
        await guest.say("Given up")
        await expect(guest.see("failure")).to_have_count(2)
    await expect(guest.see("failure").first).to_contain_text("Not sent.")
    await window.reads("Kept")
    await guest.see("retry").first.click()
    await guest.see("discard").click()
    for person in (window, guest):
        await person.reads("Kept", "Not kept")
