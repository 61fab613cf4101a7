"""A guest whose node is taken down: behind nginx, as docs/operation has it, and where each node has its own address."""

import contextlib
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.page.person import Person
from tests.support.clients import guest, serving
from tests.support.conditions import eventually
from tests.support.programs import free_port
from tests.support.proxies import nginx
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import company, shared_room, sharing

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATIENCE = 60_000


async def test_behind_nginx_nobody_notices(tmp_path: Path, server: RedisServer, browser: Browser) -> None:
    """What is said goes on, under the same name; what was typed stays; the page is not loaded again."""
    async with contextlib.AsyncExitStack() as stack:
        more = {"proxies": "127.0.0.1"}
        nodes = [
            await stack.enter_async_context(serving(sharing(tmp_path, name, server.url, **more)))
            for name in ("first", "second")
        ]
        port = free_port()
        stack.enter_context(nginx(tmp_path / "nginx", port, [int(n.lan_url[:-1].rpartition(":")[2]) for n in nodes]))
        room, _ = await shared_room(nodes)
        context = await browser.new_context()
        stack.push_async_callback(context.close)
        person = Person(await context.new_page())
        await person.go(f"http://127.0.0.1:{port}/#r={room.id}")
        await expect(person.see("room-title")).to_have_text(room.name)
        await person.page.evaluate("window.stayed = true")
        await person.say("one")
        await person.reads("one")
        await person.see("composer").fill("half a sen")
        first = next(node for node in nodes if node.watch.open)
        other = next(node for node in nodes if node is not first)
        await first.drain()
        await eventually(lambda: other.watch.open == 1, what="the page is at the other node")
        await person.connected()
        await expect(person.see("composer")).to_have_value("half a sen")
        await person.say("two")
        await person.reads("one", "two")
        assert await person.page.evaluate("window.stayed") is True
        assert {event.author.id for event in await other.node.journal.after(room.id, 0, 10)} == {
            (await other.node.journal.after(room.id, 0, 1))[0].author.id
        }
        assert person.problems == []


async def test_without_a_proxy_the_page_goes_to_the_other_node(
    tmp_path: Path, server: RedisServer, browser: Browser
) -> None:
    async with company(tmp_path, server, "first", "second") as nodes:
        first, second = nodes
        room, _ = await shared_room(nodes)
        assert first.node.shared is not None
        shared = first.node.shared.shared
        await eventually(lambda: [haven.name for haven in shared.others] == ["second"])
        context = await browser.new_context()
        person = Person(await context.new_page())
        await person.go(f"{first.lan_url}#r={room.id}")
        await person.say("one")
        await person.reads("one")
        await first.drain()
        await person.page.wait_for_url(f"{second.lan_url}**", timeout=PATIENCE)
        await person.connected()
        await person.reads("one")
        await person.say("two")
        await person.reads("one", "two")
        async with guest(second, "Dora") as dora:
            said = (await dora.join(room.id)).events
        assert len({event.author.id for event in said}) == 1
        await context.close()
