"""`lanchat selftest`: every part once, from source and inside the frozen program."""

import asyncio
import contextlib
import importlib.metadata
import re
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lanchat import __version__, runtime
from lanchat.config import Config
from lanchat.errors import SelfTestFailed
from lanchat.lan.connection import dial
from lanchat.layers import InMemoryChannelLayer, LayerError
from lanchat.protocol import VERSION, Hello, Join, Joined, Open, Opened, Page, Post
from lanchat.protocol import History as Ask

if TYPE_CHECKING:
    import aiohttp

    from lanchat.web import Server

_ROOM = "selftest"
_PATIENCE = 20.0


async def run() -> None:
    """Check every part, and print what was checked.

    Raises:
        SelfTestFailed: a part does not work.
    """
    begun = time.perf_counter()
    report = _Report()
    await report.check("the package's metadata", _metadata)
    await report.check("the entry points of channel layers", _entry_points)
    await report.check("the in-memory channel layer", _layer)
    with tempfile.TemporaryDirectory(prefix="lanchat-selftest-") as folder:
        config = Config(port=0, window_port=0, bind="127.0.0.1", data_dir=Path(folder), name="selftest")
        await report.check("a node: post, read back, page, guard", lambda: _node(config, report))
        await report.check("what was sent is kept after a restart", lambda: _restart(config))
    total = f"{report.passed} of {report.passed + report.failed} checks passed in {time.perf_counter() - begun:.1f} s"
    if report.failed:
        raise SelfTestFailed(f"{total}.")
    click.echo(f"{total}; Lanchat {__version__} works here.")


class _Report:
    def __init__(self) -> None:
        self.passed = self.failed = 0

    async def check(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do one check, and print how it went."""
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(_PATIENCE):
                await work()
        except Exception as error:  # noqa: BLE001 - every failure is a line of the report
            self.failed += 1
            click.echo(f"✗ {what}: {type(error).__name__}: {error}")
        else:
            self.passed += 1
            click.echo(f"✓ {what} ({1000 * (time.perf_counter() - begun):.0f} ms)")


async def _metadata() -> None:
    found = importlib.metadata.version("lanchat")
    _expect(found == __version__, f"the metadata has {found}, the program {__version__}")


async def _entry_points() -> None:
    for entry_point in importlib.metadata.entry_points(group="lanchat.layers"):
        # A layer whose extra is not installed says so; anything else is a fault.
        with contextlib.suppress(LayerError):
            entry_point.load()


async def _layer() -> None:
    async with InMemoryChannelLayer() as layer:
        channel = await layer.new_channel()
        await layer.group_add("selftest", channel)
        await layer.group_send("selftest", {"type": "selftest", "n": 1})
        _expect(await layer.receive(channel) == {"type": "selftest", "n": 1}, "a message changed on its way")


async def _node(config: Config, report: _Report) -> None:
    import aiohttp  # noqa: PLC0415

    from lanchat.web import serve  # noqa: PLC0415

    async with serve(config) as server, aiohttp.ClientSession() as session:
        await report.check("post and read back through the node's own socket", lambda: _talk(server))
        await report.check("plain text on /ws/room", lambda: _plain(server, session))
        await report.check("the page and its program", lambda: _page(server, session))
        await report.check("foreign hosts, origins and keys are refused", lambda: _guard(server, session))


async def _talk(server: "Server") -> None:
    async with dial(server.window_url, _hello(server)) as connection:
        room = (await connection.ask(Open(name=_ROOM), Opened)).room.id
        await connection.ask(Join(room=room), Joined)
        nonce = secrets.token_hex(16)
        event = await connection.say(Post(room=room, nonce=nonce, text="selftest 👋"))
        _expect(event.nonce == nonce and event.seq == 1, "another event came back")
        page = await connection.ask(Ask(room=room, after=0), Page)
        _expect([event.body.text for event in page.events] == ["selftest 👋"], "the history is another")


async def _plain(server: "Server", session: "aiohttp.ClientSession") -> None:
    async with session.ws_connect(f"{server.lan_url}ws/room/{_ROOM}") as socket:
        _expect("joined room" in await socket.receive_str(), "no greeting")
        await socket.send_str("plain")
        _expect(await socket.receive_str() == "💬 plain", "the line did not come back")


async def _page(server: "Server", session: "aiohttp.ClientSession") -> None:
    async with session.get(server.window_url) as answer:
        text = await answer.text()
        _expect(answer.status == 200 and "default-src 'none'" in answer.headers["Content-Security-Policy"], text[:200])  # noqa: PLR2004
    scripts = re.findall(r"assets/[\w.-]+\.js", text)
    _expect(bool(scripts), "the page names no program")
    async with session.get(server.window_url + scripts[0]) as answer:
        _expect(answer.status == 200 and len(await answer.read()) > 0, "the page's program is missing")  # noqa: PLR2004


async def _guard(server: "Server", session: "aiohttp.ClientSession") -> None:
    refusals = {
        421: {"Host": "rebound.example"},
        403: {"Origin": "http://elsewhere.example"},
        401: {"Authorization": "Bearer wrong"},
    }
    for status, headers in refusals.items():
        async with session.post(f"{server.window_url}front", headers=headers) as answer:
            _expect(answer.status == status, f"{headers} was answered with {answer.status} instead of {status}")


async def _restart(config: Config) -> None:
    from lanchat.web import serve  # noqa: PLC0415

    async with serve(config) as server, dial(server.window_url, _hello(server)) as connection:
        room = (await connection.ask(Open(name=_ROOM, create=False), Opened)).room.id
        joined = await connection.ask(Join(room=room), Joined)
        _expect([event.seq for event in joined.events] == [1, 2], f"{len(joined.events)} events were kept instead of 2")


def _hello(server: "Server") -> Hello:
    node = runtime.read(server.node.config.data_dir)
    return Hello(version=VERSION, client="window", token=node.key if node else "")


def _expect(truth: bool, otherwise: str) -> None:
    if not truth:
        raise SelfTestFailed(otherwise)
