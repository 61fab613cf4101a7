"""A room of any length: the page shows a window over its history, and nothing moves under the reader's eyes."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from lanchat.protocol import Post
from tests.page.conftest import Come, House
from tests.page.happenings import fill, say
from tests.page.person import Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = 900
MOST = 200
"""Messages in the page at most: a window and a page of the history."""
_NUMBERS = "all => all.map(({ dataset }) => Number(dataset.seq))"
_FIRST_IN_VIEW = """list => {
  const top = list.getBoundingClientRect().top;
  const line = [...list.querySelectorAll("[data-seq]")].find((one) => one.getBoundingClientRect().bottom > top);
  return [line.dataset.seq, line.getBoundingClientRect().top - top];
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def reader(house: House, come: Come) -> Person:
    """Somebody who comes into a long room, at its end."""
    await fill(house, LONG)
    reader = await come()
    await expect(reader.see("message-text").last).to_be_in_viewport()
    return reader


async def shown(reader: Person) -> range:
    """The numbers of the messages that are in the page: dense, and not too many."""
    numbers = await reader.see("message").evaluate_all(_NUMBERS)
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert len(numbers) <= MOST
    return range(numbers[0], numbers[-1] + 1)


async def press_until(reader: Person, key: str, seq: int) -> None:
    """Press a key as often as it takes until a message is in the page, and look at the page after each."""
    for _ in range(LONG):
        if seq in await shown(reader):
            return
        await reader.page.keyboard.press(key)
    pytest.fail(f"{key} leads nowhere")


async def test_it_is_read_from_end_to_start_and_back_in_a_window_of_one_size(reader: Person) -> None:
    await press_until(reader, "PageUp", 1)
    await expect(reader.see("earlier")).to_have_count(0)
    await press_until(reader, "PageDown", LONG)
    await reader.page.keyboard.press("End")
    await expect(reader.see("message-text").last).to_have_text(f"Message {LONG}")
    await expect(reader.see("to-end")).to_have_count(0)


async def test_a_key_leads_to_its_start_and_another_to_its_end(reader: Person) -> None:
    await reader.page.keyboard.press("Home")
    await expect(reader.see("message-text").first).to_have_text("Message 1")
    await expect(reader.see("message-text").first).to_be_in_viewport()
    await reader.page.keyboard.press("End")
    await expect(reader.see("message-text").last).to_have_text(f"Message {LONG}")
    await expect(reader.see("message-text").last).to_be_in_viewport()


async def test_nothing_moves_under_whoever_reads_while_much_arrives(reader: Person, house: House) -> None:
    await press_until(reader, "PageUp", LONG - 150)
    messages = reader.see("messages")
    before = await messages.evaluate(_FIRST_IN_VIEW)
    await fill_more(house, 400)
    await expect(reader.see("new-messages")).to_be_visible()
    assert await messages.evaluate(_FIRST_IN_VIEW) == before
    await shown(reader)
    await press_until(reader, "PageDown", LONG + 400)
    await reader.page.keyboard.press("End")
    await expect(reader.see("message-text").last).to_have_text("More 400")


async def test_the_end_stays_in_view_while_much_arrives(reader: Person, house: House) -> None:
    await fill_more(house, 400)
    await expect(reader.see("message-text").last).to_have_text("More 400")
    await expect(reader.see("message-text").last).to_be_in_viewport()
    await shown(reader)


async def test_on_a_tall_screen_asking_comes_to_an_end(house: House, come: Come) -> None:
    await fill(house, LONG)
    reader = await come(viewport={"width": 900, "height": 3_600})
    await reader.page.keyboard.press("Home")
    await expect(reader.see("message-text").first).to_have_text("Message 1")
    await expect(reader.see("message-text").get_by_text("Message 150", exact=True)).to_have_count(1)
    before = await reader.see("message").evaluate_all(_NUMBERS)
    await fill_more(house, 1)
    await expect(reader.see("new-messages")).to_be_visible()
    assert await reader.see("message").evaluate_all(_NUMBERS) == before == list(range(1, len(before) + 1))


async def fill_more(house: House, count: int) -> None:
    """Say so many things more while people are there."""
    await say(house, [Post(room="", nonce=f"More-{number}", text=f"More {number}") for number in range(1, count + 1)])
