"""What browsers refuse, clocks that are wrong, names of any length, and more rooms than anybody reads."""

import asyncio

import msgspec
import pytest
from playwright.async_api import expect

from lanchat.journal import Journal, RoomRecord
from lanchat.protocol import Event
from tests.page.conftest import Come, House
from tests.page.person import Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

DENIED = """for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {
    get() { throw new DOMException("denied", "SecurityError"); },
});"""
FULL = 'Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };'
CLOCK = """const real = Date;
window.Date = class extends real {
    constructor(...given) { given.length > 0 ? super(...given) : super(real.now() + SHIFT); }
    static now() { return real.now() + SHIFT; }
};"""
YEARS = 3 * 365 * 86_400_000
"""In milliseconds."""
MANY = 10_000


async def unheard(room: str, events: list[Event]) -> None:
    """Nobody is in the rooms while they are made."""


@pytest.mark.parametrize("storage", [DENIED, FULL], ids=["denied", "full"])
async def test_a_browser_that_keeps_nothing_is_good_for_a_chat(
    window: Person, guest: Person, come: Come, house: House, storage: str
) -> None:
    await guest.page.add_init_script(storage)
    await guest.go(house.guest_url)
    await guest.say("Nothing is kept here")
    await window.reads("Nothing is kept here")
    await guest.go(house.guest_url)
    await guest.reads("Nothing is kept here")
    owner = await come("about:blank", wait=False)
    await owner.page.add_init_script(storage)
    await owner.go(house.server.new_window_url())
    await owner.say("Nor here")
    await guest.reads("Nothing is kept here", "Nor here")


@pytest.mark.parametrize("shift", [YEARS, -YEARS], ids=["ahead", "behind"])
async def test_a_clock_that_is_wrong_changes_no_order_and_loses_nothing(
    window: Person, guest: Person, house: House, shift: int
) -> None:
    await guest.page.add_init_script(CLOCK.replace("SHIFT", str(shift)))
    await guest.go(house.guest_url)
    said = ("First", "Second", "Third", "Fourth")
    for number, text in enumerate(said):
        await (window if number % 2 else guest).say(text)
        for person in (window, guest):
            await person.reads(*said[: number + 1])
    # When it was said is what the node's clock says, also on this page: in its eyes that is another day.
    times = "[...document.querySelectorAll('[data-testid=message] time')].map((time) => time.dateTime.slice(0, 10))"
    assert await guest.page.evaluate(times) == await window.page.evaluate(times)
    await house.stop()
    await guest.disconnected()
    await guest.say("Written while it was away")
    await house.start()
    await guest.reads(*said, "Written while it was away")


@pytest.mark.parametrize("sign", ["x", "🦜", "ש", "👩‍👩‍👧"], ids=["letter", "emoji", "right-to-left", "joined"])
async def test_names_of_one_sign_and_of_far_too_many(window: Person, guest: Person, sign: str) -> None:
    for number in (1, 20 // len(sign)):
        name = sign * number
        for person in (window, guest):
            await person.open(name)
        await guest.see("nick").fill(name)
        await guest.see("nick").press("Enter")
        await guest.say(f"I am {number}")
        await expect(window.see("message-author").last).to_contain_text(name)
        await guest.page.set_viewport_size({"width": 320, "height": 640})
        assert await guest.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await guest.page.set_viewport_size({"width": 1200, "height": 760})
        await guest.see("nick").fill("Guest")
        await guest.see("nick").press("Enter")
    was = await guest.see("room-title").inner_text()
    await guest.see("room-name").fill(sign * 80)
    await guest.see("room-name").press("Enter")
    await expect(guest.see("room-refusal")).to_contain_text("40")
    await expect(guest.see("room-title")).to_have_text(was)


@pytest.mark.soak
async def test_of_very_many_rooms_the_list_has_some_and_the_field_finds_all(house: House, come: Come) -> None:
    home = house.server.node.info
    await house.stop()
    async with Journal(house.config.data_dir / "lanchat.db", unheard) as journal:
        rooms = (RoomRecord(id=f"{number:032x}", name=f"Room {number}", home=home) for number in range(MANY))
        await asyncio.gather(*(journal.put_room(record) for record in rooms))
    house.config = msgspec.structs.replace(house.config, room="")
    await house.start()
    window = await come(house.server.new_window_url())
    shown = await window.see("room-item").count()
    assert 0 < shown <= house.config.limits.rooms_listed
    await expect(window.page.get_by_text("more. Type a name above")).to_contain_text("9,70")
    assert await window.page.locator("*").count() < 6_000
    listed = set(await window.see("room-item-name").all_text_contents())
    hidden = next(name for number in range(MANY) if (name := f"Room {number}") not in listed)
    await window.open(hidden)
    await window.say("Here too")
    await window.reads("Here too")
    assert sum(room.name == hidden for room in house.server.node.rooms) == 1
