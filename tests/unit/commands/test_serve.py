"""`serve` as a process."""

import asyncio
import contextlib
import json
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from lanchat.journal.repair.opening import suspect
from lanchat.protocol import VERSION, Havens, Hello, Open, Opened, Welcome
from tests.support import terminal
from tests.support.clients import Client, connected, running
from tests.support.conditions import LONG
from tests.support.here import ENDING
from tests.support.redis.servers import RedisServer
from tests.support.terminal import ANY_PORTS, Done, begun, lanchat, served


def test_a_node_says_in_one_line_that_it_is_ready(data_dir: Path) -> None:
    with served(data_dir, *ANY_PORTS, "--name", "ready") as (node, ready):
        assert sorted(ready) == ["event", "lan", "node", "window"]
        assert ready["event"] == "ready"
        assert ready["node"]["name"] == "ready"
        assert ready["lan"].startswith("http://127.0.0.1:")
        assert ready["window"].startswith("http://127.0.0.1:")
        node.end()
        assert node.rest() == Done(0, "", "")


def test_a_person_reads_where_to_go(data_dir: Path) -> None:
    with begun("serve", *ANY_PORTS, "--data-dir", data_dir) as node:
        lines = [node.line() for _ in range(4)]
        node.end(signal.SIGINT)
        assert node.rest() == Done(0, "", "")
    assert "http://127.0.0.1:" in lines[1]
    assert "#t=" in lines[2]
    assert "Ctrl-C" in lines[3]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_node_with_clients_ends_soon(data_dir: Path, number: signal.Signals) -> None:
    with served(data_dir) as (node, ready):
        async with connected(ready["lan"]) as mute, connected(ready["window"]) as other:
            assert node.end(number) < ENDING
            assert node.rest() == Done(0, "", "")
            assert await mute.end() == await other.end() == 1001


def test_a_node_that_is_told_to_end_at_once_ends_well(data_dir: Path) -> None:
    with served(data_dir) as (node, _):
        node.process.send_signal(signal.SIGTERM)
        assert node.rest() == Done(0, "", "")


def test_a_database_of_a_newer_version(data_dir: Path) -> None:
    data_dir.mkdir()
    with sqlite3.connect(data_dir / "lanchat.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    lanchat("serve", *ANY_PORTS, "--data-dir", data_dir).refused(5, "newer")


def test_a_database_that_is_none(data_dir: Path) -> None:
    data_dir.mkdir()
    file = data_dir / "lanchat.db"
    file.write_text("Dear diary, " * 1000)
    lanchat("serve", *ANY_PORTS, "--data-dir", data_dir).refused(5, "no database of Lanchat")
    assert file.read_text() == "Dear diary, " * 1000


def test_a_node_without_a_log_runs(tmp_path: Path, data_dir: Path) -> None:
    (data_dir / "lanchat.log").mkdir(parents=True)
    with served(data_dir) as (node, _):
        node.end()
        assert node.rest() == Done(0, "", "")


def test_a_database_that_was_recovered_is_told_in_a_line_of_its_own(data_dir: Path) -> None:
    with served(data_dir) as (node, _):
        node.end()
    suspect(data_dir / "lanchat.db")
    with served(data_dir) as (node, ready):
        assert ready["event"] == "ready"
        told = node.object()
        assert (told["event"], told["kept"], told["lost"], told["renewed"]) == ("recovered", 0, 0, [])
        assert Path(told["aside"]).exists()
        assert told["aside"] in told["text"]
        node.end()
        assert told["text"] in node.rest().err


async def test_silent_sockets_beyond_all_descriptors_keep_nobody_out(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that may have 256 descriptors, and one address that opens 400 sockets and says nothing."""
    few = ("sh", "-c", 'ulimit -n 256; exec "$0" "$@"', sys.executable, "-m", "lanchat")
    monkeypatch.setattr(terminal, "_PROGRAM", few)
    with served(data_dir) as (node, ready), contextlib.ExitStack() as stack:
        there = urlsplit(ready["lan"])
        for _ in range(400):
            silent = stack.enter_context(socket.socket())
            silent.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                silent.connect((there.hostname, there.port))
        elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
        async with (
            aiohttp.ClientSession(connector=elsewhere) as session,
            session.ws_connect(f"{ready['lan']}ws") as late,
            connected(ready["window"]) as owner,
        ):
            await Client(late).ask(Hello(version=VERSION, client="guest"), Welcome)
            await owner.ask(Hello(version=VERSION, client="window", token=running(data_dir).key), Welcome)
        node.end()
        done = node.rest()
    assert done.code == 0
    assert len(done.err.splitlines()) <= 2


def test_a_supervisor_is_told_and_the_log_is_json(data_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as supervisor:
        supervisor.bind(str(path))
        supervisor.settimeout(60)
        arguments = ("serve", *ANY_PORTS, "--data-dir", data_dir, "--log-format", "json", "--json")
        with begun(*arguments, environ={"NOTIFY_SOCKET": str(path)}) as node:
            assert supervisor.recv(100) == b"READY=1"
            node.end()
            assert supervisor.recv(100) == b"STOPPING=1"
            done = node.rest()
    assert done.code == 0
    written = [json.loads(line) for line in done.err.splitlines()]
    assert all(set(line) >= {"at", "level", "logger", "message"} for line in written)


async def test_a_second_signal_ends_a_node_that_drains_at_once(data_dir: Path, server: RedisServer) -> None:
    """A node behind a proxy is not ready for a while before it ends."""
    environ = {"LANCHAT_PROXIES": "127.0.0.1", "LANCHAT_REDIS": server.url}
    with served(data_dir, environ=environ) as (node, ready):
        async with connected(ready["lan"]) as client, aiohttp.ClientSession() as session:
            node.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(LONG):
                while (await session.get(f"{ready['lan']}ready")).status != 503:
                    pass
            node.process.send_signal(signal.SIGTERM)
            assert await client.end() == 1006
        assert node.process.wait(ENDING) == -signal.SIGTERM


async def test_a_node_that_ends_sends_its_clients_to_the_others(tmp_path: Path, server: RedisServer) -> None:
    environ = {"LANCHAT_REDIS": server.url}
    with (
        served(tmp_path / "first", environ=environ) as (node, ready),
        served(tmp_path / "second", environ=environ) as (_, other),
    ):
        async with connected(ready["lan"]) as carl:
            await carl.ask(Hello(version=VERSION, client="guest", nick="Carl"), Welcome)
            room = (await carl.ask(Open(name="Harbour"), Opened)).room
            await carl.join(room.id)
            havens = await carl.hear(Havens, lambda told: bool(told.nodes))
            assert [haven.address for haven in havens.nodes] == [other["lan"].removeprefix("http://").rstrip("/")]
            node.process.send_signal(signal.SIGTERM)
            assert await carl.end() == 1012
        assert node.rest().code == 0
