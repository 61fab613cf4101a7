"""People before real browsers in the hosts of the lab: a Chromium for each, on their own machine."""

import contextlib
import json
import shlex
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Error, async_playwright

from tests.page.person import Person
from tests.support.conditions import LONG, wait_until
from tests.support.lan.hosts import Host
from tests.support.lan.nodes import LANCHAT, Node
from tests.support.places import HEADLESS

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_ASK = (
    "import sys, urllib.request as web; _, window, key = sys.argv;"
    "ask = web.Request(window + 'front', b'', {'Authorization': 'Bearer ' + key});"
    "print(web.urlopen(ask).read().decode())"
)
Come = Callable[..., Awaitable[Person]]
"""Opens an address in a browser on a host, in a context of these options, and gives who is before it."""


@asynccontextmanager
async def browsers(folder: Path) -> AsyncIterator[Come]:
    """Let people come with browsers of their own, until the end.

    Args:
        folder: where what starts them is kept.
    """
    async with contextlib.AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())

        async def come(host: Host, url: str, *, wait: bool = True, **options: object) -> Person:
            starter = folder / f"chromium-{host.name}"
            starter.write_text(f'#!/bin/sh\nexec ip netns exec {host.name} {shlex.quote(HEADLESS)} "$@"\n')
            starter.chmod(0o700)
            chromium = await playwright.chromium.launch(executable_path=starter, args=_FLAGS)

            async def end() -> None:
                with contextlib.suppress(Error):  # its machine may be gone
                    await chromium.close()

            stack.push_async_callback(end)
            context = await chromium.new_context(**options)  # type: ignore[arg-type]
            person = Person(await context.new_page())
            await person.go(url, wait=wait)
            return person

        yield come


@asynccontextmanager
async def browser(host: Host, folder: Path, url: str) -> AsyncIterator[Person]:
    """Somebody on this host who opens an address in Chromium."""
    async with browsers(folder) as come:
        yield await come(host, url)


def window_of(node: Node, room: str) -> str:
    """Return an address at which the owner of a node opens a window of theirs, in a room; once, and on its host.

    It waits until the node has found the room: who opens one that is not known yet opens another of that name.
    """
    rooms = (*LANCHAT, "rooms", "--data-dir", str(node.data_dir))
    wait_until(lambda: room in node.host.run(*rooms), LONG, f"{node.host.name} has found {room}")
    running = node.running
    assert running is not None
    answer = json.loads(node.host.run(sys.executable, "-c", _ASK, running["window"], running["key"]))
    window, _, token = str(answer["url"]).partition("#")
    return f"{window.partition('?')[0]}?room={room}#{token}"
