"""The page for everybody: by keyboard, by ear, on a small screen, in the dark."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.person import LOBBY, TEA, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMELESS = """() => [...document.querySelectorAll('button, a, input, textarea, [role], [tabindex]')]
    .filter((element) => element.getAttribute('role') !== 'status' && element.getAttribute('role') !== 'alert')
    .filter((element) => !(element.getAttribute('aria-label') || element.labels?.length || element.innerText?.trim()))
    .map((element) => element.outerHTML.slice(0, 120))"""

DOUBLE_IDS = """() => [...document.querySelectorAll('[id]')].map(({ id }) => id)
    .filter((id, index, all) => all.indexOf(id) !== index)"""

# Contrast by WCAG 2.2, 1.4.3: each visible text against the nearest opaque colour behind it.
FAINT = """() => {
  const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parse = (color) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = color;
    pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data];
  };
  const light = ([red, green, blue]) => [red, green, blue]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !element.closest('.visually-hidden, [disabled]');
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !shown(element)) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)} ${texts.currentNode.data.trim().slice(0, 40)}`);
  }
  return found;
}"""


async def test_every_control_has_a_name(window: Person, guest: Person) -> None:
    await guest.say("Hello https://example.org")
    await window.reads("Hello https://example.org")
    for person in (window, guest):
        assert await person.page.evaluate(NAMELESS) == []
        assert await person.page.evaluate(DOUBLE_IDS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
async def test_every_word_can_be_read(come: Come, house: House, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 800}
    person = await come(color_scheme=scheme, viewport=viewport, reduced_motion="reduce")
    await person.say("Mine http://192.0.2.1/")
    await person.reads("Mine http://192.0.2.1/")
    assert await person.page.evaluate(FAINT) == []
    await house.stop()
    await person.disconnected()
    await person.say("Waits")
    await expect(person.page.locator("[data-state=pending]")).to_have_count(1)
    assert await person.page.evaluate(FAINT) == []


async def test_the_conversation_is_announced(window: Person) -> None:
    log = window.page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).to_have_attribute("aria-label", f"Messages in {LOBBY}")
    assert await window.page.evaluate("document.documentElement.lang") == "en"


async def test_everything_goes_by_keyboard(window: Person) -> None:
    keyboard = window.page.keyboard
    await keyboard.press("Control+k")
    await expect(window.see("room-name")).to_be_focused()
    await keyboard.type(TEA)
    await keyboard.press("Enter")
    await expect(window.see("room-title")).to_have_text(TEA)
    await expect(window.see("composer")).to_be_focused()
    await expect(window.see("room-item").filter(has_text=TEA)).to_be_visible()
    await keyboard.press("Alt+ArrowUp")
    await expect(window.see("room-title")).to_have_text(LOBBY)
    await keyboard.press("Alt+ArrowDown")
    await keyboard.press("Control+k")
    await expect(window.see("room-title")).to_have_text(TEA)
    await expect(window.see("room-name")).to_be_focused()
    await keyboard.press("Escape")
    await expect(window.see("composer")).to_be_focused()
    await window.say("Something to read")
    await window.reads("Something to read")
    await keyboard.press("Shift+Tab")
    await keyboard.press("Shift+Tab")
    await expect(window.see("messages")).to_be_focused()
    outline = await window.see("messages").evaluate("list => getComputedStyle(list).outlineStyle")
    assert outline != "none"


@pytest.mark.parametrize("width", [320, 390, 800, 1200])
async def test_nothing_is_wider_than_the_screen(come: Come, width: int) -> None:
    person = await come(viewport={"width": width, "height": 640})
    await person.say("W" * 500)
    await expect(person.see("message")).to_have_count(1)
    assert await person.page.evaluate("document.documentElement.scrollWidth") <= width
    assert await person.see("messages").evaluate("list => list.scrollWidth - list.clientWidth") <= 0
    await expect(person.see("send")).to_be_in_viewport(ratio=1)


async def test_a_phone_finds_the_rooms_in_a_drawer(come: Come, window: Person) -> None:
    await window.open(TEA)
    phone = await come(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    await expect(phone.see("room-item").first).not_to_be_in_viewport()
    await phone.page.get_by_label("Show rooms").tap()
    await phone.see("room-item").filter(has_text=LOBBY).tap()
    await expect(phone.see("room-title")).to_have_text(LOBBY)
    await expect(phone.see("room-item").first).not_to_be_in_viewport()
    await phone.see("show-members").tap()
    await expect(phone.see("member").first).to_be_in_viewport()
