"""Somebody before a page: what they do, and what they see."""

import os

from playwright.async_api import ConsoleMessage, Dialog, Locator, Page, expect

from tests.support.conditions import LONG

_OWN = "" if "PICTURES" in os.environ else f" {os.getpid()}"
LOBBY = f"Lobby{_OWN}"
TEA = f"Tea time{_OWN}"
DEN = f"Den{_OWN}"
"""Rooms of these tests. Other tests on this machine find them through loopback and must not take them for theirs."""
_HARMLESS = (
    "/token",  # a page on loopback asks whether it is a window; the room app has no such route
    "/ws",  # while the node is away, Chromium notes each try
)
_NOBODY_THERE = "net::ERR_"
"""In what Chromium notes when the page looks for a node that is away."""

# Whatever is expected of a page is waited for as long as everything else in the tests: Playwright's five seconds are
# shorter than a busy machine takes, and than the page waits between two attempts to connect.
expect.set_options(timeout=LONG * 1_000)


class Person:
    """One page in one browser.

    Args:
        page: the page.

    Attributes:
        page: the page.
        problems: errors of the page's console, and of its scripts, so far.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", self._asked)

    async def go(self, url: str, *, wait: bool = True) -> None:
        """Open an address, and wait for the room."""
        await self.page.goto(url)
        if wait:
            await self.connected()
            await expect(self.see("composer")).to_be_visible()

    def see(self, what: str) -> Locator:
        """Return what the page calls by this test id."""
        return self.page.get_by_test_id(what)

    async def connected(self) -> None:
        """Wait for the connection."""
        await expect(self.see("connection")).to_have_attribute("data-state", "ready")

    async def disconnected(self) -> None:
        """Wait until the connection is known to be lost."""
        await expect(self.see("connection")).not_to_have_attribute("data-state", "ready")

    async def say(self, text: str) -> None:
        """Type a message and send it."""
        await self.see("composer").fill(text)
        await self.see("composer").press("Enter")

    async def reads(self, *texts: str) -> None:
        """See exactly these messages, in this order, all of them sent."""
        await expect(self.see("message-text")).to_have_text(list(texts))
        await expect(self.page.locator("[data-testid=message]:not([data-state=sent])")).to_have_count(0)

    async def open(self, room: str) -> None:
        """Open a room by its name."""
        await self.see("room-name").fill(room)
        await self.see("room-name").press("Enter")
        await expect(self.see("room-title")).to_have_text(room)

    async def _asked(self, dialog: Dialog) -> None:
        self.problems.append(f"A dialog says {dialog.message!r}")
        await dialog.dismiss()

    def _heard(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        looked = where.endswith("/") and _NOBODY_THERE in message.text
        harmless = looked or any(where.endswith(path) or f"{path}'" in message.text for path in _HARMLESS)
        if message.type in {"error", "warning"} and not harmless:
            self.problems.append(f"{message.text} ({where})")
