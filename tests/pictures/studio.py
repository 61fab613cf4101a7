"""A node and a browser for pictures: nothing in them depends on the machine that takes them."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from unittest.mock import patch

import msgspec
from playwright.async_api import Browser, Page, async_playwright, expect

from lanchat.config import Config
from lanchat.lan import networks
from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.diagnosis import doctor
from lanchat.lan.diagnosis.examination import Patient
from lanchat.lan.diagnosis.facts import Facts
from lanchat.lan.directory import first_room
from lanchat.web.server import Server
from tests.laws.sources import ROOT
from tests.support.clients import serving
from tests.support.places import HEADLESS, LAB

PICTURES = ROOT / "docs" / "pictures"
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
_PORT = 28_280


class Studio:
    """Takes pictures.

    Args:
        browser: the browser.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextlib.asynccontextmanager
    async def node(self, *links: InterfaceAddress, found: Facts | None = None) -> AsyncIterator[Server]:
        """Run a node on loopback which takes these for its addresses, the last one on the way out.

        Args:
            links: its addresses.
            found: what an examination of its network finds; None where none is asked for.
        """

        async def examine(_: Patient) -> Facts:
            assert found is not None
            return found

        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            stack.enter_context(patch.object(first_room, "LOOK_AROUND", 0.01))
            stack.enter_context(patch.object(networks, "read_links", lambda: list(links)))
            stack.enter_context(patch.object(networks, "outward_address", lambda: links[-1].address))
            stack.enter_context(patch.object(doctor, "examine", examine))
            config = Config(
                bind="127.0.0.1",
                port=0,
                window_port=0,
                data_dir=folder / "data",
                downloads=folder / "downloads",
                name="Studio",
                nick="Ingrid",
                room="Lobby",
            )
            async with serving(config) as server:
                server.node.config = msgspec.structs.replace(config, bind="")
                server.node.network.port = _PORT
                yield server

    @contextlib.asynccontextmanager
    async def page(self, url: str, scheme: Scheme, width: int = 1200, height: int = 860) -> AsyncIterator[Page]:
        """Open an address in a browser of its own, and wait until it is connected."""
        context = await self._browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, reduced_motion="reduce", locale="en-GB"
        )
        try:
            page = await context.new_page()
            await page.goto(url)
            await expect(page.get_by_test_id("composer")).to_be_visible()
            yield page
        finally:
            await context.close()

    async def take(self, page: Page, name: str) -> None:
        """Take a picture."""
        await photograph(page, name)


async def photograph(page: Page, name: str) -> None:
    """Take a picture of a page as it is, under a name."""
    PICTURES.mkdir(exist_ok=True)
    await page.mouse.move(0, 0)
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")


def timezone_at(hour: int) -> str:
    """Return a time zone in which it is this hour now; POSIX counts westwards."""
    east = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-east:+d}"


async def in_lab(module: str) -> None:
    """Run a module in a lab of its own, in which it makes its machines. Raises RuntimeError when it fails."""
    running = await asyncio.create_subprocess_exec(LAB, sys.executable, "-m", module, cwd=ROOT)
    if await running.wait():
        raise RuntimeError(f"{module} has taken no pictures; what the lab has written says why.")


@contextlib.asynccontextmanager
async def studio() -> AsyncIterator[Studio]:
    """Open a studio."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=HEADLESS, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield Studio(browser)
        finally:
            await browser.close()
