"""The list of people: however they and their computers are called, on every screen, all of it is shown and in reach."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, ViewportSize, expect

from tests.page.conftest import Come, House, another
from tests.page.person import LOBBY, TEA, Person
from tests.page.views import DESK, MAGNIFIED, PHONE, checked

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG_NICK = "Wilhelmina-Alexandrina-W"
TURNED = "محمد عبد الرحمن"
PLACE = "the computer beside the window of the reading room"
NARROW: ViewportSize = {"width": 320, "height": 560}
PARTS = "> :first-child, [data-testid=member-name], [data-testid=member-about], [data-testid=person-menu]"
"""Of the row of a person: the picture, the name, what is known of them, and the button for what one can do."""


_READ = """part => {
  const before = getComputedStyle(part, "::before").content;
  return (before === "none" ? "" : before.replaceAll('"', "")) + part.innerText;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def turned(come: Come, house: House, window: Person, tmp_path: Path) -> AsyncIterator[Person]:
    """Somebody whose name goes from right to left, at another node with a long name, in the room of the first."""
    async with another(house, tmp_path / "other", name=PLACE, nick=TURNED) as other:
        person = await come(other.server.new_window_url())
        await person.open(LOBBY)
        yield person


@pytest_asyncio.fixture(loop_scope="session")
async def everybody(window: Person, turned: Person, guest: Person) -> tuple[Person, ...]:
    """The owner of the room, somebody elsewhere, and a guest with the longest name who may not write."""
    await window.open(TEA)
    await window.open(LOBBY)
    await guest.see("nick").fill(LONG_NICK)
    await guest.see("nick").press("Enter")
    row = window.see("member").filter(has_text=LONG_NICK)
    await row.get_by_test_id("person-menu").click()
    await window.see("mute").click()
    for person in (window, turned, guest):
        await expect(person.see("member")).to_have_count(3)
        await expect(person.see("member").filter(has_text=LONG_NICK).get_by_test_id("office")).to_have_text("muted")
    return window, turned, guest


async def list_of(person: Person, size: ViewportSize) -> Locator:
    """Show somebody the people in their room, on a screen of this size."""
    await person.page.set_viewport_size(size)
    # On a small screen the list closes by itself, before the page is drawn anew.
    await person.page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    if not await person.see("member").first.is_visible():
        await person.see("show-members").click()
    await expect(person.see("member").first).to_be_in_viewport()
    return person.page.get_by_role("complementary", name="Who is here")


async def boxes(*all_of: Locator) -> list[tuple[float, float, float, float]]:
    """Return where things begin and end: left, top, right, bottom."""
    found = [await each.bounding_box() for each in all_of]
    return [(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in found if box is not None]


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def inside(one: tuple[float, ...], around: tuple[float, ...]) -> bool:
    return one[0] >= around[0] and one[1] >= around[1] and one[2] <= around[2] and one[3] <= around[3]


async def test_on_every_screen_nothing_covers_or_cuts_anything(everybody: tuple[Person, ...]) -> None:
    for person, size in itertools.product(everybody, (NARROW, PHONE, MAGNIFIED, DESK)):
        panel = await list_of(person, size)
        assert await panel.locator("ul").first.evaluate("list => list.scrollWidth <= list.clientWidth")
        rows = await person.see("member").all()
        for row in rows:
            parts = await row.locator(PARTS).all()
            (around,), placed = await boxes(row), await boxes(*parts)
            assert all(inside(part, around) for part in placed), (size, around, placed)
            assert all(apart(*pair) for pair in itertools.combinations(placed, 2)), (size, placed)
            for words in (row.get_by_test_id("member-name"), row.get_by_test_id("member-about")):
                cut = "part => part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight"
                assert not await words.evaluate(cut), (size, await words.inner_text())
        assert all(apart(*pair) for pair in itertools.pairwise(await boxes(*rows)))
    window, turned, guest = everybody
    owner = "owner · on studio"
    assert await about(window) == {"Ingrid": "owner · you", TURNED: f"on {PLACE}", LONG_NICK: "guest muted"}
    assert await about(turned) == {"Ingrid": owner, TURNED: "you", LONG_NICK: "guest muted · on studio"}
    assert await about(guest) == {"Ingrid": "owner", TURNED: f"on {PLACE}", LONG_NICK: "guest muted · you"}


async def about(person: Person) -> dict[str, str]:
    """What is said of everybody, by their name."""
    names, words = [await person.see(part).all() for part in ("member-name", "member-about")]
    pairs = zip(names, words, strict=True)
    return {(await name.inner_text()).partition("\n")[0]: await known(each) for name, each in pairs}


async def known(words: Locator) -> str:
    """A line as it is read, with what the style puts between its parts."""
    return " ".join([str(await part.evaluate(_READ)).strip() for part in await words.locator("> *").all()])


async def test_what_one_can_do_with_somebody_is_in_reach_of_keys_and_named(everybody: tuple[Person, ...]) -> None:
    window = everybody[0]
    for size in (NARROW, DESK):
        panel = await list_of(window, size)
        menus = panel.get_by_role("button", name="More about")
        await expect(menus).to_have_count(2)
        for name, offered in ((TURNED, "Compare words"), (LONG_NICK, "Let them write again")):
            menu = panel.get_by_role("button", name=f"More about {name}")
            await menu.press("Enter")
            choices = panel.get_by_role("list", name=f"More about {name}")
            await expect(choices.get_by_role("button", name=f"Invite to {TEA}", exact=True)).to_be_visible()
            shown, around = await boxes(choices, panel)
            assert inside(shown, around), (size, shown, around)
            await menu.press("ArrowDown")
            await expect(choices.get_by_role("button", name=offered, exact=True)).to_be_focused()
            await window.page.keyboard.press("Escape")
            await expect(choices).to_have_count(0)
            await expect(menu).to_be_focused()


async def test_it_is_looked_at(everybody: tuple[Person, ...]) -> None:
    window = everybody[0]
    for view, size in (("people", DESK), ("people-phone", NARROW)):
        await list_of(window, size)
        await checked(window, view)
    await window.see("person-menu").last.click()
    await checked(window, "people-menu")
