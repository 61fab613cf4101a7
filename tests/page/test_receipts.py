"""What a message says about itself: who keeps it and who has read it, and never more than is so."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.page.conftest import Come
from tests.page.person import LOBBY, TEA, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A page of other tests on this machine may walk into the room; then its node has a copy.
KEPT = r"(Kept by the room's computer|On \d+ computers)"
UNREAD = re.compile(f"^{KEPT}$")
READ = re.compile(f"^{KEPT}. Read by 1$")


def receipt(person: Person, text: str) -> Locator:
    """What a message of this person says about itself."""
    return person.see("message").filter(has_text=text).get_by_test_id("receipt")


async def test_who_wrote_a_message_sees_when_another_has_it_in_view(come: Come) -> None:
    author, reader = await come(), await come()
    await reader.open(TEA)
    await author.say("Anybody?")
    await expect(receipt(author, "Anybody?")).to_have_attribute("title", UNREAD)
    lobby = reader.see("room-item").filter(has_text=LOBBY)
    await expect(lobby.get_by_test_id("unread")).to_contain_text("1 unread")
    await expect(receipt(author, "Anybody?")).to_have_attribute("title", UNREAD)
    await lobby.click()
    await reader.reads("Anybody?")
    await expect(receipt(author, "Anybody?")).to_have_attribute("title", READ)
    await expect(receipt(author, "Anybody?").get_by_text("Read by 1", exact=True)).to_be_visible()
    await expect(reader.see("receipt")).to_have_count(0)
    await author.page.reload()
    await expect(receipt(author, "Anybody?")).to_have_attribute("title", READ)


async def test_what_is_further_down_is_not_read(come: Come) -> None:
    author, reader = await come(), await come()
    for number in range(30):
        await author.say(f"Line {number}")
    await expect(receipt(author, "Line 29")).to_have_attribute("title", READ)
    await reader.see("messages").evaluate("list => list.scrollTo(0, 0)")
    await expect(reader.see("to-end")).to_be_visible()
    await author.say("The end")
    await expect(reader.see("new-messages")).to_be_visible()
    await expect(receipt(author, "The end")).to_have_attribute("title", UNREAD)
    await reader.see("to-end").click()
    await expect(receipt(author, "The end")).to_have_attribute("title", READ)


async def test_only_the_last_message_shows_it_unasked(come: Come) -> None:
    author = await come()
    for text in ("First", "Second"):
        await author.say(text)
    await expect(receipt(author, "Second")).to_have_css("opacity", "1")
    await expect(receipt(author, "First")).to_have_css("opacity", "0")
    await author.see("message").filter(has_text="First").get_by_test_id("message-text").hover()
    await expect(receipt(author, "First")).to_have_css("opacity", "1")
