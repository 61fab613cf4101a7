"""Starting and stopping: ports, the runtime file, failures half-way, and that nothing is left."""

import asyncio
import contextlib
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec
import pytest

from lanchat.config import Config
from lanchat.errors import AlreadyRunning, DataDirUnusable, InvalidAddress, PortTaken
from lanchat.protocol import Event, RoomList
from lanchat.web import server as server_module
from lanchat.web.server import serve
from tests.support.clients import Client, connected, guest, running, serving, window
from tests.support.conditions import eventually
from tests.unit.consumers.test_outbox import take


@contextlib.contextmanager
def taken() -> Iterator[int]:
    """A port that another program uses."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def is_free(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def port(url: str) -> int:
    return int(urlsplit(url).port or 0)


STOP = 30.0
"""Seconds for a stop: two, and one for a machine that is busy with other things."""


def traces() -> tuple[int, int, int]:
    """Open files, threads (without those of the loop's own pool) and tasks of this process."""
    threads = [thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")]
    return len(os.listdir("/proc/self/fd")), len(threads), len(asyncio.all_tasks())  # noqa: PTH208


def nothing_since(before: tuple[int, int, int]) -> bool:
    """Whether there is no more than before; what an earlier test left to the garbage collector may go meanwhile."""
    return all(now <= then for now, then in zip(traces(), before, strict=True))


# Ports ----------------------------------------------------------------------------------------------------------------


async def test_any_free_ports_are_taken_and_told(config: Config) -> None:
    async with serving(config) as server:
        assert urlsplit(server.window_url).hostname == urlsplit(server.lan_url).hostname == "127.0.0.1"
        assert port(server.window_url) != port(server.lan_url)
        async with guest(server), window(server):
            pass


@pytest.mark.parametrize("which", ["port", "window_port"])
async def test_a_port_that_was_asked_for_is_taken_or_refused(config: Config, which: str) -> None:
    with taken() as busy:
        before = traces()
        with pytest.raises(PortTaken, match=str(busy)):
            async with serving(msgspec.structs.replace(config, **{which: busy})):
                pass
        assert nothing_since(before)
        assert not (config.data_dir / "node.json").exists()
    async with serving(msgspec.structs.replace(config, **{which: busy})) as server:
        assert busy in {port(server.window_url), port(server.lan_url)}


async def test_after_a_failure_both_sockets_are_free_again(config: Config) -> None:
    with taken() as busy, taken() as free:
        pass
    with socket.create_server(("127.0.0.1", busy)):
        with pytest.raises(PortTaken):
            async with serving(msgspec.structs.replace(config, window_port=free, port=busy)):
                pass
        assert is_free(free)
    async with serving(msgspec.structs.replace(config, window_port=free, port=busy)) as server:
        assert (port(server.window_url), port(server.lan_url)) == (free, busy)


async def test_a_failure_after_the_sockets_opened_closes_them(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = {}

    async def fail(node: object, port: int) -> None:
        ports["lan"] = port
        raise RuntimeError("no network")

    monkeypatch.setattr("lanchat.node.Node.appear", fail)
    before = traces()
    with pytest.raises(RuntimeError, match="no network"):
        async with serve(config):
            pass
    assert nothing_since(before)
    assert is_free(ports["lan"])
    assert not (config.data_dir / "node.json").exists()


async def test_default_ports_that_are_taken_give_the_next(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken() as busy:
        monkeypatch.setattr(server_module, "LAN_PORT", busy)
        monkeypatch.setattr(server_module, "WINDOW_PORT", busy)
        defaults = msgspec.structs.replace(config, port=None, window_port=None)
        async with serving(defaults) as one, serving(msgspec.structs.replace(defaults, data_dir=tmp_path / "2")) as two:
            ports = {port(url) for node in (one, two) for url in (node.window_url, node.lan_url)}
            assert len(ports) == 4
            assert busy not in ports


async def test_an_address_of_another_machine_is_refused(config: Config) -> None:
    before = traces()
    with pytest.raises(InvalidAddress, match=r"192\.0\.2\.1"):
        async with serving(msgspec.structs.replace(config, bind="192.0.2.1")):
            pass
    assert nothing_since(before)


# The data directory ---------------------------------------------------------------------------------------------------


async def test_the_runtime_file_is_the_owners_alone_and_goes_with_the_node(config: Config) -> None:
    path = config.data_dir / "node.json"
    async with serving(config) as server:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(config.data_dir.stat().st_mode) == 0o700
        said = running(config.data_dir)
        assert (said.pid, said.window, said.lan) == (os.getpid(), server.window_url, server.lan_url)
        assert len(said.key) >= 43
    assert not path.exists()


async def test_a_runtime_file_that_a_killed_node_left_is_replaced(config: Config, tmp_path: Path) -> None:
    config.data_dir.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (config.data_dir / "node.json").symlink_to(elsewhere)
    async with serving(config):
        assert running(config.data_dir).pid == os.getpid()
        assert stat.S_IMODE((config.data_dir / "node.json").stat().st_mode) == 0o600
    assert elsewhere.read_text() == "mine"


async def test_a_second_node_on_one_directory_is_refused_and_harms_nothing(config: Config) -> None:
    async with serving(config) as server:
        key = running(config.data_dir).key
        with pytest.raises(AlreadyRunning, match="already runs"):
            async with serving(config):
                pass
        assert running(config.data_dir).key == key
        async with guest(server) as ada:
            await ada.enter("still here")
    async with serving(config):
        pass


async def test_a_file_in_place_of_the_directory_is_told(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("precious")
    before = traces()
    for place in (file, file / "below"):
        with pytest.raises(DataDirUnusable, match="cannot be used"):
            async with serving(msgspec.structs.replace(config, data_dir=place)):
                pass
    assert file.read_text() == "precious"
    assert nothing_since(before)


# Window URLs ----------------------------------------------------------------------------------------------------------


async def test_a_window_url_opens_the_asked_room_and_keeps_the_token_from_the_server(config: Config) -> None:
    async with serving(msgspec.structs.replace(config, room="Küche & Bad")) as server:
        parts = urlsplit(server.new_window_url())
        assert parse_qs(parts.query) == {"room": ["Küche & Bad"]}
        assert parts.fragment.startswith("t=")
        assert server.new_window_url() != server.new_window_url()


# Stopping -------------------------------------------------------------------------------------------------------------


async def test_a_stop_with_many_clients_is_quick_and_told_to_each(config: Config) -> None:
    async with contextlib.AsyncExitStack() as stack:
        clients: list[Client] = []
        async with serving(config) as server:
            for number in range(50):
                door = guest(server) if number % 2 else window(server)
                clients.append(await stack.enter_async_context(door))
            for client in clients:
                room = await client.enter("crowded")
            await clients[0].say(room, "the last")
            ends = [asyncio.create_task(client.end()) for client in clients]
            began = time.monotonic()
        assert time.monotonic() - began < STOP
        assert await asyncio.gather(*ends) == [1001] * 50


async def test_clients_that_do_not_answer_cannot_hold_up_a_stop(config: Config) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as silent, socket.socket() as half:
        async with serving(config) as server, guest(server) as ada:
            for sock in (silent, half):
                sock.setblocking(False)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                await loop.sock_connect(sock, ("127.0.0.1", port(server.lan_url)))
            await loop.sock_sendall(half, b"GET / HTTP/1.1\r\nHost: 127")
            await loop.sock_sendall(
                silent,
                b"GET /ws/room/talk HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n",
            )
            await take(silent, until=lambda data: b"joined" in data)
            room = await ada.enter("talk")
            for number in range(200):
                await ada.say(room, "🍲" * 4000, f"{number}")
                await ada.hear(Event)
            began = time.monotonic()
        assert time.monotonic() - began < STOP


async def test_a_client_that_comes_back_at_once_finds_the_door_closed(config: Config) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with serving(config) as server:
            url = server.lan_url
            ada = await stack.enter_async_context(guest(server))

            async def come_back() -> None:
                await ada.end()
                with pytest.raises(aiohttp.ClientError):
                    await stack.enter_async_context(connected(url))

            coming = asyncio.create_task(come_back())
            began = time.monotonic()
        assert time.monotonic() - began < STOP
        await coming


async def test_nothing_is_left_behind_however_often_it_starts(config: Config) -> None:
    async with serving(config):  # loads what is loaded once
        pass
    before = traces()
    for _ in range(3):
        async with serving(config) as server, guest(server) as ada, window(server) as win:
            room = await ada.enter("again")
            await win.enter("again")
            await ada.say(room, "x", os.urandom(8).hex())
            await win.said(room, 1)
        await eventually(lambda: nothing_since(before))
    assert {path.name for path in config.data_dir.iterdir()} <= {"lanchat.db", "node.lock", "node.mark", "keys"}


async def test_nothing_is_left_behind_by_a_node_that_looks_around(config: Config) -> None:
    async with serve(config) as server, guest(server) as ada:
        await ada.hear(RoomList)
    before = traces()
    async with serve(config) as server:
        await eventually(lambda: server.node.network.discovery._mdns is not None)
        began = time.monotonic()
    assert time.monotonic() - began < STOP
    await eventually(lambda: nothing_since(before))


async def test_a_restart_keeps_what_was_said_and_who_everybody_is(config: Config) -> None:
    async with serving(config) as server, guest(server) as ada:
        room = await ada.enter("kept")
        for text in ("one", "two"):
            await ada.say(room, text)
        events = await ada.said(room, 2)
        who, owner = server.node.info, server.node.me
        await server.node.owner.rename("Renamed")
    async with serving(msgspec.structs.replace(config, nick="")) as server, guest(server) as ada:
        assert server.node.info == who
        assert (server.node.me.id, server.node.me.nick) == (owner.id, "Renamed")
        assert (await ada.open("kept")).id == room
        assert (await ada.join(room)).events == events
        await ada.say(room, "one again", events[0].nonce)
        assert await ada.said(room, 1) == [events[0]]
        await ada.say(room, "three")
        assert [event.seq for event in await ada.said(room, 1)] == [3]
