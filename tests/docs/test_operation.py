"""The files in docs/operation, tried as far as one machine can: the proxies' with the proxies themselves."""

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import msgspec
import pytest

from lanchat.cli.program import serve
from lanchat.config import Config, load_config
from lanchat.protocol import VERSION, Hello, Welcome
from lanchat.web.server import RESTARTED, Server
from tests.support.clients import Client, serving
from tests.support.conditions import LONG
from tests.support.places import ROOT
from tests.support.programs import free_port
from tests.support.proxies import OPERATION, haproxy, nginx
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import shared_room, sharing

SEED = "5" * 32
CLIENT = "127.0.0.5"
"""Not the address from which the proxies come."""


@pytest.fixture(params=["nginx", "haproxy"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextlib.asynccontextmanager
async def behind(kind: str, folder: Path, redis: RedisServer) -> AsyncIterator[tuple[str, list[Server]]]:
    """Run two nodes behind a proxy; gives its address and them."""
    async with contextlib.AsyncExitStack() as stack:
        more = {"proxies": "127.0.0.1", "hosts": "chat.example.org"}
        names = ("first", "second")
        nodes = [await stack.enter_async_context(serving(sharing(folder, name, redis.url, **more))) for name in names]
        ports = [int(node.lan_url.rstrip("/").rpartition(":")[2]) for node in nodes]
        port = free_port()
        proxy = (nginx if kind == "nginx" else haproxy)(folder / kind, port, ports)
        stack.enter_context(proxy)
        yield f"http://127.0.0.1:{port}/", nodes


async def come(stack: contextlib.AsyncExitStack, url: str, secret: str = "", **headers: str) -> tuple[Client, Welcome]:
    """Come as a page does: with the seed, and the secret that was told before."""
    there = aiohttp.TCPConnector(local_addr=(CLIENT, 0))
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=there, headers=headers))
    client = Client(await stack.enter_async_context(session.ws_connect(f"{url}ws")))
    hello = Hello(version=VERSION, client="guest", seed=SEED, secret=secret, nick="Carl")
    return client, await client.ask(hello, Welcome)


async def test_a_node_that_is_taken_down_is_missed_by_nobody(kind: str, tmp_path: Path, server: RedisServer) -> None:
    async with behind(kind, tmp_path, server) as (url, nodes), contextlib.AsyncExitStack() as stack:
        room, _ = await shared_room(nodes)
        carl, welcome = await come(stack, url)
        await carl.join(room.id)
        await carl.say(room.id, "hello")
        await carl.said(room.id, 1)
        here = next(node for node in nodes if node.node.info == welcome.node)
        draining = asyncio.ensure_future(here.drain())
        assert await carl.end() == RESTARTED
        again, other = await come(stack, url, welcome.secret)
        await draining
        assert other.node != welcome.node
        assert other.you == welcome.you
        joined = await again.join(room.id)
        assert [event.body.text for event in joined.events] == ["hello"]
        await again.say(room.id, "hello once more")
        await again.said(room.id, 1)


async def test_a_node_that_is_gone_is_passed_over(kind: str, tmp_path: Path, server: RedisServer) -> None:
    async with behind(kind, tmp_path, server) as (url, nodes), contextlib.AsyncExitStack() as stack:
        await nodes[0].__aexit__(None, None, None)

        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 200
        for _ in range(4):
            _, welcome = await come(stack, url)
            assert welcome.node == nodes[1].node.info


async def test_nobody_is_believed_who_does_not_come_through_the_proxy(
    kind: str, tmp_path: Path, server: RedisServer
) -> None:
    """What a client says of its own address is worth nothing, and numbers are not led to the network."""
    async with behind(kind, tmp_path, server) as (url, nodes), contextlib.AsyncExitStack() as stack:
        _, welcome = await come(stack, url, **{"X-Forwarded-For": "6.6.6.6"})
        here = next(node for node in nodes if node.node.info == welcome.node)
        assert list(here.node.addresses.traces.all()) == [CLIENT]
        async with aiohttp.ClientSession() as session:
            for path in ("metrics", "health", "ready"):
                async with session.get(f"{url}{path}") as answer:
                    assert answer.status == 404
            async with session.get(url, headers={"Host": "chat.example.org"}) as answer:
                assert answer.status == 200
            async with session.get(url, headers={"Host": "evil.example"}) as answer:
                assert answer.status in {404, 421}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    unit = (OPERATION / "lanchat.service").read_text("utf-8").replace("/usr/local/bin/lanchat", "/bin/true")
    (tmp_path / "lanchat.service").write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / "lanchat.service")],
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def settings_in(name: str) -> Iterator[str]:
    """Name the settings that a file gives a node."""
    text = (OPERATION / name).read_text("utf-8")
    yield from (found.lower() for found in re.findall(r"\bLANCHAT_([A-Z_]+)", text))
    yield from re.findall(r"^#.*?\b(\w+) = \"", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["compose.yaml", "nginx.conf", "haproxy.cfg", "lanchat.service"])
def test_the_settings_that_are_named_exist(name: str) -> None:
    fields = {field.name for field in msgspec.structs.fields(Config)}
    named = set(settings_in(name))
    assert named
    assert named <= fields


def test_a_node_takes_what_compose_gives_it() -> None:
    compose = (OPERATION / "compose.yaml").read_text("utf-8")
    given = dict(re.findall(r"^\s+(LANCHAT_[A-Z_]+): (\S+)$", compose, re.MULTILINE))
    config = load_config({}, given)
    assert config.shares_rooms
    assert (config.proxies, config.hosts) == (given["LANCHAT_PROXIES"], given["LANCHAT_HOSTS"])


@pytest.mark.parametrize(("name", "line"), [("lanchat.service", "ExecStart="), ("Dockerfile", "ENTRYPOINT ")])
def test_the_options_of_each_start_exist(name: str, line: str) -> None:
    text = (OPERATION / name).read_text("utf-8").partition(f"\n{line}")[2].partition("\n")[0]
    command, verb, *options = json.loads(text) if text.startswith("[") else text.split()
    assert (Path(command).name, verb) == ("lanchat", "serve")
    with serve.make_context(verb, options) as context:
        assert context.params["log_format"] == "json"
        assert context.params["data_dir"] is not None


def test_what_compose_leads_to_is_there() -> None:
    """The addresses are those of nginx.conf, and the files exist; there is no Docker to ask."""
    compose = (OPERATION / "compose.yaml").read_text("utf-8")
    nodes = re.findall(r"^\s+server ([\d.]+):28280", (OPERATION / "nginx.conf").read_text("utf-8"), re.MULTILINE)
    assert len(nodes) == 2
    assert all(f"ipv4_address: {node}" in compose for node in nodes)
    assert "LANCHAT_PROXIES: 10.0.0.2\n" in compose
    assert "./nginx.conf:" in compose
    dockerfile = re.search(r"dockerfile: (\S+?)}", compose)
    assert dockerfile is not None
    assert (ROOT / dockerfile[1]).is_file()
