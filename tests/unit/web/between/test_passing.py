"""A machine in between, with two real nodes: each sees the other's key, and the one in between only bytes."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from lanchat.config import Config
from lanchat.errors import Unreachable
from lanchat.lan.connection import NodeAddress, dialling_context
from lanchat.lan.discovery import HttpsProbe
from lanchat.web.between import passing
from lanchat.web.between.passing import Between
from lanchat.web.server import Server
from tests.support.clients import serving
from tests.support.conditions import eventually


class Homes:
    """Passes on to one node, as the test says."""

    def __init__(self) -> None:
        self.node = ""
        self.place: NodeAddress | None = None
        self.asked = 0

    @property
    def any(self) -> bool:
        self.asked += 1
        return self.node != ""

    def passes(self, node: str) -> bool:
        return node == self.node != ""

    def home(self, node: str) -> NodeAddress | None:
        return self.place if self.passes(node) else None


class Middle:
    """The machine in between, as far as it passes on: what it does not take is closed."""

    def __init__(self, homes: Homes) -> None:
        self.between = Between(homes)
        self.taken: list[bool] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(self.socket)
            task = asyncio.create_task(self._receive(connection))
            self.tasks.add(task)

    async def _receive(self, connection: socket.socket) -> None:
        with connection:
            connection.setblocking(False)
            readable = asyncio.Event()
            asyncio.get_running_loop().add_reader(connection, readable.set)
            await readable.wait()
            asyncio.get_running_loop().remove_reader(connection)
            self.taken.append(await self.between.take(connection))


@pytest.fixture
def homes() -> Homes:
    return Homes()


@pytest.fixture
async def middle(homes: Homes) -> AsyncIterator[Middle]:
    made = Middle(homes)
    running = asyncio.create_task(made.run())
    yield made
    for task in (running, *made.tasks):
        task.cancel()
    await asyncio.gather(running, *made.tasks, return_exceptions=True)
    made.socket.close()


@pytest.fixture
async def server(config: Config, homes: Homes) -> AsyncIterator[Server]:
    async with serving(config) as server:
        homes.node = server.node.info.id
        homes.place = NodeAddress.parse(server.lan_url)
        yield server


async def test_who_names_a_home_is_connected_with_it_and_sees_its_key(server: Server, middle: Middle) -> None:
    node = server.node.info
    answer = await HttpsProbe().ask("127.0.0.1", middle.port, node.id)
    assert answer.node == node
    await eventually(lambda: middle.taken == [True])


async def test_who_wants_this_machine_or_somebody_else_is_left_to_it(server: Server, middle: Middle) -> None:
    with pytest.raises(Unreachable):
        await HttpsProbe().ask("127.0.0.1", middle.port, server.node.info.id, relayed=False)
    with pytest.raises(Unreachable):
        await HttpsProbe().ask("127.0.0.1", middle.port, "c" * 32)
    await eventually(lambda: middle.taken == [False, False])


async def test_where_nothing_is_passed_on_nobody_is_looked_at(homes: Homes, middle: Middle) -> None:
    with contextlib.closing((await asyncio.open_connection("127.0.0.1", middle.port))[1]) as writer:
        writer.write(b"\x16")
        await eventually(lambda: middle.taken == [False])


async def test_a_home_that_is_away_ends_the_connection(server: Server, homes: Homes, middle: Middle) -> None:
    for place in (None, NodeAddress("127.0.0.1", 1)):
        homes.place = place
        with pytest.raises(Unreachable):
            await HttpsProbe().ask("127.0.0.1", middle.port, server.node.info.id)
    await eventually(lambda: middle.taken == [True, True])


async def test_so_many_are_connected_at_once_and_none_once_it_is_over(
    server: Server, homes: Homes, middle: Middle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "MOST", 1)
    monkeypatch.setattr(passing, "_LOOK", 0.01)
    silent = await asyncio.open_connection(
        "127.0.0.1", middle.port, ssl=dialling_context(), server_hostname=f"{homes.node}.lanchat.local"
    )
    with pytest.raises(Unreachable):
        await HttpsProbe().ask("127.0.0.1", middle.port, homes.node)
    assert middle.taken == [True]
    homes.node = ""
    with contextlib.suppress(OSError):
        assert await silent[0].read() == b""
    await eventually(lambda: middle.taken == [True, True])
    silent[1].close()
