"""People before browsers: real nodes, a real Chromium, one browser for the session and one context for each person."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
import pytest_asyncio
from filelock import FileLock
from playwright.async_api import Browser, async_playwright

from assets import build_page
from lanchat.config import Config
from lanchat.journal import RoomRecord
from lanchat.lan.directory import first_room
from lanchat.limits import Limits
from lanchat.web.server import Server, serve
from tests.conftest import more_files, open_files
from tests.page.person import DEN, LOBBY, Person
from tests.support.clients import serving
from tests.support.conditions import eventually
from tests.support.places import HEADLESS
from tests.support.threads import started_threads

Come = Callable[..., Awaitable[Person]]

FOREIGN = ("evil.example", "rebind.evil.example", "printer.local")
"""Names of strangers that lead to this machine, as after DNS rebinding; Chromium itself does that with *.localhost."""
_NAMES = (*FOREIGN, "lanchat-*.local")  # the last as the node's own mDNS would say
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=LocalNetworkAccessChecks",  # a wall of this browser only: what is tried here is ours
    f"--host-resolver-rules={', '.join(f'MAP {name} 127.0.0.1' for name in _NAMES)}",
]


class House:
    """A node that can stop and start again, at the same addresses and with the same data."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._stack = contextlib.AsyncExitStack()
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        """The server, while it runs."""
        assert self._server is not None
        return self._server

    @property
    def guest_url(self) -> str:
        """Address for guests."""
        return f"http://127.0.0.1:{self.config.port}/"

    async def start(self) -> None:
        """Start the node; its ports are free ones the first time, and stay."""
        self._server = await self._stack.enter_async_context(serve(self.config))
        ports = [int(url.rpartition(":")[2].rstrip("/")) for url in (self.server.window_url, self.server.lan_url)]
        self.config = msgspec.structs.replace(self.config, window_port=ports[0], port=ports[1])

    async def stop(self) -> None:
        """Stop the node."""
        self._server = None
        await self._stack.aclose()


@pytest.fixture(scope="session", autouse=True)
def _built_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The page is built from the sources that are here, by the first worker that needs it."""
    with FileLock(tmp_path_factory.getbasetemp().parent / "page.lock"):
        build_page.Page(build_page.ROOT).build()


@contextlib.asynccontextmanager
async def launched(program: str) -> AsyncIterator[Browser]:
    """A Chromium that ends with the block."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    async with started_threads(), launched(HEADLESS) as chromium:
        yield chromium


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _closed(nothing_left: None) -> AsyncIterator[None]:
    """What browsers had opened to a node is closed in this loop, which stands still while `nothing_left` waits."""
    before = open_files()
    yield
    await eventually(lambda: not more_files(before), what="all connections of this test are closed")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new node finds nobody here, and need not look for long."""
    monkeypatch.setattr(first_room, "LOOK_AROUND", 0.01)


@pytest_asyncio.fixture(loop_scope="session")
async def house(config: Config) -> AsyncIterator[House]:
    """A node with one room, LOBBY."""
    # Thousands of messages are said at once, to have a long room.
    limits = Limits(post_burst=10_000, room_post_burst=30_000, frame_burst=30_000, byte_burst=30e6)
    house = House(msgspec.structs.replace(config, name="studio", nick="Ingrid", room=LOBBY, limits=limits))
    await house.start()
    yield house
    await house.stop()


@contextlib.asynccontextmanager
async def another(house: House, folder: Path, *, name: str, nick: str) -> AsyncIterator[House]:
    """Another node, with a mirror of LOBBY as if it had been found on the network."""
    ours = {"data_dir": folder, "name": name, "nick": nick, "room": DEN}
    other = House(msgspec.structs.replace(house.config, port=0, window_port=0, **ours))
    await other.start()
    home = house.server.node
    room = await home.rooms.open(LOBBY)
    address = house.guest_url.removeprefix("http://").rstrip("/")
    record = RoomRecord(id=room.id, name=LOBBY, home=home.info, addresses=(address,))
    with patch.object(other.server.node.network, "find", lambda **_: record):
        await other.server.node.rooms.enter(room.id)
    yield other
    await other.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def home(house: House, tmp_path: Path) -> AsyncIterator[Server]:
    """Another desktop."""
    config = msgspec.structs.replace(
        house.config, data_dir=tmp_path / "home", name="kitchen", nick="Karl", room="", port=0, window_port=0
    )
    async with serving(config) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def come(browser: Browser, house: House) -> AsyncIterator[Come]:
    """Bring a person to an address, in a browser of their own. Nobody's console may show an error at the end."""
    async with contextlib.AsyncExitStack() as stack:
        everybody: list[Person] = []

        async def come(url: str = "", *, wait: bool = True, **options: object) -> Person:
            context = await browser.new_context(**options)  # type: ignore[arg-type]
            stack.push_async_callback(context.close)
            person = Person(await context.new_page())
            everybody.append(person)
            await person.go(url or house.guest_url, wait=wait)
            return person

        yield come
        assert [problem for person in everybody for problem in person.problems] == []


@pytest_asyncio.fixture(loop_scope="session")
async def window(come: Come, house: House) -> Person:
    """The window of the node's owner."""
    return await come(house.server.new_window_url())


@pytest_asyncio.fixture(loop_scope="session")
async def guest(come: Come, window: Person) -> Person:
    """Somebody with a browser, who came after the owner."""
    return await come()
