"""docs/tutorial.md: every block of code runs, and does what the text says."""

import asyncio
import json
import os
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.layers import channel_layers, unregister_channel_layer
from tests.docs.tutorial import PAGE, Tutorial, blocks, files
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer

TEXT = PAGE.read_text("utf-8")
RUN = {
    "analytics.py",
    "asgi_app.py",
    "background_jobs.py",
    "custom_rooms.py",
    "external_sender.py",
    "layers.py",
    "main.py",
    "notifications.py",
    "queued_jobs.py",
    "reliable_chat.py",
    "room_chat.py",
    "sync_chat.py",
    "system_echo.py",
    "test_room_chat.py",
    "worker.py",
}
"""The files that a test below runs."""


@pytest.fixture
def tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tutorial]:
    monkeypatch.delenv("REDIS_URL", raising=False)
    with Tutorial(tmp_path) as tutorial:
        yield tutorial
    for alias in tuple(channel_layers):
        unregister_channel_layer(alias)


async def hear(client: ClientConnection) -> str | bytes:
    return await asyncio.wait_for(client.recv(), 60)


async def hear_json(client: ClientConnection) -> object:
    return json.loads(await hear(client))


def said(line: str) -> None:
    """Check that the page says the same as this test."""
    assert line in TEXT


# The page -------------------------------------------------------------------------------------------------------------


def test_every_block_of_code_is_a_file_that_is_run() -> None:
    assert len(blocks(TEXT, "python")) == len(files(TEXT))
    assert set(files(TEXT)) == RUN
    assert [content for content in blocks(TEXT, "") if content] == []


def test_every_command_exists() -> None:
    project = tomllib.loads((PAGE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    known = {"pytest", "pytest-asyncio", "uvicorn", "websockets", project["name"]}
    known |= {f"{project['name']}[{extra}]" for extra in project["optional-dependencies"]}
    for line in "".join(blocks(TEXT, "bash")).splitlines():
        words = [word for word in shlex.split(line) if not word.startswith("REDIS_URL=")]
        match words:
            case ["pip", "install", *packages]:
                assert set(packages) <= known, line
            case ["python" | "pytest", file, *_]:
                assert file in RUN, line
            case ["uvicorn", app, "--port", "8080"]:
                module, _, name = app.partition(":")
                assert f"async def {name}(" in files(TEXT)[f"{module}.py"], line
            case [program, *_]:
                assert shutil.which(program), line


def test_the_room_chat_is_that_of_the_tutorial_but_for_its_imports() -> None:
    code = files(TEXT)["room_chat.py"]
    for name in ("group_add", "group_send", "group_discard"):
        assert f"await self.channel_layer.{name}(" in code
    assert re.findall(r"^class (\w+)", code, re.MULTILINE) == ["RoomChatConsumer"]


# Section by section ---------------------------------------------------------------------------------------------------


async def test_system_echo(tutorial: Tutorial) -> None:
    async with tutorial.serving("system_echo") as at, connect(f"ws://{at}/ws/system") as client:
        assert await hear(client) == "🔧 System: Connection established!"
        await client.send("hello")
        assert await hear(client) == "🔧 System Echo: hello"


@pytest.mark.parametrize("program", ["room_chat", "main"])
async def test_room_chat(tutorial: Tutorial, program: str) -> None:
    async with tutorial.serving(program) as at, connect(f"ws://{at}/ws/room/general") as ada:
        assert await hear(ada) == "🚪 Someone joined room 'general'"
        async with connect(f"ws://{at}/ws/room/other") as eve, connect(f"ws://{at}/ws/room/general") as bob:
            assert await hear(ada) == await hear(bob) == "🚪 Someone joined room 'general'"
            assert await hear(eve) == "🚪 Someone joined room 'other'"
            await bob.send("hello")
            assert await hear(ada) == await hear(bob) == "💬 hello"
            await eve.send("only here")
            assert await hear(eve) == "💬 only here"
        assert await hear(ada) == "👋 Someone left room 'general'"


async def test_a_room_whose_name_is_no_groups_closes_that_connection_only(
    tutorial: Tutorial, caplog: pytest.LogCaptureFixture
) -> None:
    said("closed with\ncode 1011")
    async with tutorial.serving("room_chat") as at, connect(f"ws://{at}/ws/room/general") as ada:
        assert await hear(ada) == "🚪 Someone joined room 'general'"
        async with connect(f"ws://{at}/ws/room/two%20words") as bad:
            with pytest.raises(ConnectionClosed):
                await hear(bad)
            assert bad.close_code == 1011
        await ada.send("hello")
        assert await hear(ada) == "💬 hello"
    assert "Group name must be" in caplog.text


async def test_rooms_of_a_team(tutorial: Tutorial) -> None:
    async with (
        tutorial.serving("custom_rooms") as at,
        connect(f"ws://{at}/ws/team/red/Küche%20%F0%9F%8D%B2") as ada,
        connect(f"ws://{at}/ws/team/red/Küche%20%F0%9F%8D%B2") as bob,
        connect(f"ws://{at}/ws/team/blue/Küche%20%F0%9F%8D%B2") as eve,
    ):
        groups = channel_layers["chat"].groups  # type: ignore[attr-defined]
        await eventually(lambda: sorted(len(group) for group in groups.values()) == [1, 2])
        await ada.send("soup")
        assert await hear(ada) == await hear(bob) == "💬 soup"
        await eve.send("bread")
        assert await hear(eve) == "💬 bread"


async def test_rooms_that_tell_the_time(tutorial: Tutorial) -> None:
    async with tutorial.serving("custom_rooms") as at, connect(f"ws://{at}/ws/timed/general") as ada:
        assert re.fullmatch(r"\[\d\d:\d\d:\d\d\] 🚪 Someone joined room 'general'", str(await hear(ada)))
        await ada.send("hello")
        assert await hear(ada) == "💬 hello"
        async with connect(f"ws://{at}/ws/timed/general"):
            assert "joined" in str(await hear(ada))
        assert re.fullmatch(r"\[\d\d:\d\d:\d\d\] 👋 Someone left room 'general'", str(await hear(ada)))


async def test_rooms_of_guests(tutorial: Tutorial) -> None:
    async with tutorial.serving("custom_rooms") as at, connect(f"ws://{at}/ws/guest/general") as ada:
        await hear(ada)
        for line in ("", "  ", b"\xff", " hello "):
            await ada.send(line)
        assert await hear(ada) == "💬 Guest: hello"


async def test_rooms_that_are_allowed(tutorial: Tutorial) -> None:
    async with tutorial.serving("custom_rooms") as at:
        async with connect(f"ws://{at}/ws/private/kitchen") as ada:
            assert await hear(ada) == "🚪 Someone joined room 'kitchen'"
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://{at}/ws/private/cellar")
        assert caught.value.response.status_code == 403


async def test_reliable_chat(tutorial: Tutorial) -> None:
    async with tutorial.serving("reliable_chat") as at, connect(f"ws://{at}/ws/reliable") as ada:
        assert await hear(ada) == "🔒 Reliable chat connection established!"
        async with connect(f"ws://{at}/ws/reliable") as bob:
            assert await hear(bob) == "🔒 Reliable chat connection established!"
            await bob.send("hello")
            assert await hear(ada) == await hear(bob) == "📨 hello"
        assert await hear(ada) == "🚪 Left reliable chat!"


async def test_notifications(tutorial: Tutorial) -> None:
    async with (
        tutorial.serving("notifications") as at,
        connect(f"ws://{at}/ws/notifications") as ada,
        connect(f"ws://{at}/ws/notifications") as bob,
    ):
        for client in (ada, bob):
            assert await hear_json(client) == {"type": "system", "message": "🔔 Connected to notifications!"}
        await bob.send("no json")
        assert "error" in str(await hear(bob))
        await bob.send("[]")
        assert await hear_json(bob) == {"type": "system", "message": "Send an object with a message."}
        await bob.send('{"message": "lunch"}')
        lunch = {"type": "user", "message": "🔔 Notification: lunch"}
        assert await hear_json(ada) == await hear_json(bob) == lunch
        said(json.dumps(lunch, ensure_ascii=False))


async def test_analytics(tutorial: Tutorial) -> None:
    async with (
        tutorial.serving("analytics") as at,
        connect(f"ws://{at}/ws/analytics") as ada,
        connect(f"ws://{at}/ws/analytics") as bob,
    ):
        for sent, shown in {
            '{"type": "page_view", "url": "/dashboard"}': "📊 Analytics: page view of /dashboard",
            "user_login:ada": "📊 Analytics: user_login:ada",
            "[]": "📊 Analytics: []",
            "7": "📊 Analytics: 7",
        }.items():
            await bob.send(sent)
            assert await hear(ada) == await hear(bob) == shown


@pytest.mark.parametrize(
    ("job", "kind", "result"),
    [
        ({"type": "translate", "content": "hello world"}, "translate", "🌍 hola mundo"),
        ({"type": "analyze", "content": "a b a"}, "analyze", "📈 5 characters, 3 words, 2 different ones"),
        ({"type": "generate", "content": "help"}, "generate", "🤖 I can help you with that."),
        ({"type": "generate", "content": "soup"}, "generate", "🤖 Tell me more about 'soup'."),
        ({"type": "default", "content": "soup"}, "default", "⚙️ SOUP"),
        ({"type": "unheard of", "content": "soup"}, "default", "⚙️ SOUP"),
        ({"content": "soup"}, "default", "⚙️ SOUP"),
        ({"type": [], "content": "soup"}, "default", "⚙️ SOUP"),
    ],
)
async def test_background_jobs(tutorial: Tutorial, job: dict[str, object], kind: str, result: str) -> None:
    async with tutorial.serving("background_jobs") as at, connect(f"ws://{at}/ws/backgroundjob") as client:
        await work(client, job, kind, result)


async def work(client: ClientConnection, job: dict[str, object], kind: str, result: str) -> None:
    connected = {"status": "connected", "message": "🔄 Background Job Processor: Connected!"}
    assert await hear_json(client) == connected
    await client.send("{}")
    assert await hear_json(client) == {"status": "error", "message": "❌ Send an object with a type and a content."}
    await client.send(json.dumps(job))
    assert await hear_json(client) == {"status": "queuing", "message": f"⏳ Queuing {kind} job: {job['content']}"}
    assert await hear_json(client) == {"type": "job_result", "message": result}


async def test_sync_chat(tutorial: Tutorial) -> None:
    async with (
        tutorial.serving("sync_chat") as at,
        connect(f"ws://{at}/ws/sync/x") as ada,
        connect(f"ws://{at}/ws/sync/x") as bob,
    ):
        await eventually(lambda: len(channel_layers["chat"].groups.get("sync.x", ())) == 2)  # type: ignore[attr-defined]
        await bob.send("hello")
        assert await hear(ada) == await hear(bob) == "hello"


async def test_everything_in_one_app(tutorial: Tutorial) -> None:
    async with tutorial.serving("main") as at, aiohttp.ClientSession() as session:
        async with session.get(f"http://{at}/health") as answer:
            assert (answer.status, await answer.text()) == (200, "fine\n")
        for path in ("system", "room/x", "backgroundjob", "reliable", "notifications"):
            async with connect(f"ws://{at}/ws/{path}") as client:
                assert await hear(client)


async def test_the_test_of_the_room_chat(tutorial: Tutorial) -> None:
    await tutorial.module("test_room_chat").test_a_line_reaches_everybody_in_the_room()


async def test_the_asgi_app(tutorial: Tutorial) -> None:
    app = tutorial.module("asgi_app").app
    async with WebsocketCommunicator(app, "/ws/system") as system, WebsocketCommunicator(app, "/ws/room/x") as room:
        await system.connect()
        assert await system.receive_from() == "🔧 System: Connection established!"
        await room.connect()
        assert await room.receive_from() == "🚪 Someone joined room 'x'"
        await room.disconnect()
    with pytest.raises(ValueError, match="Nothing is at '/ws/other'"):
        await WebsocketCommunicator(app, "/ws/other").connect()
    for layer in channel_layers.values():
        await layer.close()


# On Redis -------------------------------------------------------------------------------------------------------------


async def test_a_program_outside_reaches_everybody(
    tutorial: Tutorial, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", server.url)
    async with (
        tutorial.serving("main") as at,
        connect(f"ws://{at}/ws/room/general") as room,
        connect(f"ws://{at}/ws/reliable") as reliable,
        connect(f"ws://{at}/ws/notifications") as notifications,
        connect(f"ws://{at}/ws/analytics") as analytics,
    ):
        for client in (room, reliable, notifications):
            await hear(client)
        await analytics.send("here")
        await hear(analytics)
        async with program(tutorial, "external_sender.py", server.url) as sender:
            assert await asyncio.wait_for(sender.wait(), 30) == 0
        assert await hear(room) == "📢 The server restarts at noon."
        assert await hear(reliable) == "🔧 Maintenance tonight."
        assert await hear_json(notifications) == {"type": "system", "message": "🚨 The processor is at 90 %."}
        for event in ("user_login:john_doe", "page_view:/dashboard", "button_click:export_data"):
            assert await hear(analytics) == f"📊 Analytics: {event}"


async def test_when_redis_goes_away_the_sender_may_come_back_and_the_others_stay(
    tutorial: Tutorial, own_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("closes the sender's connection with code 1013")
    monkeypatch.setenv("REDIS_URL", own_server.url)
    async with tutorial.serving("main") as at, connect(f"ws://{at}/ws/room/x") as ada:
        assert await hear(ada) == "🚪 Someone joined room 'x'"
        async with connect(f"ws://{at}/ws/room/x") as bob:
            assert await hear(ada) == await hear(bob) == "🚪 Someone joined room 'x'"
            own_server.stop()
            await bob.send("hello?")
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(bob.recv(), 30)
            assert bob.close_code == 1013
        own_server.start()
        async with asyncio.timeout(30):
            while not await _joins(at):
                pass
        while await hear(ada) != "💬 back again":
            pass


async def _joins(at: str) -> bool:
    """Whether somebody can come into the room and be heard there."""
    try:
        async with connect(f"ws://{at}/ws/room/x") as client, asyncio.timeout(60):
            await client.send("back again")
            while await client.recv() != "💬 back again":
                pass
    except (ConnectionClosed, TimeoutError):
        return False
    return True


async def test_a_worker_in_another_process_does_the_jobs(
    tutorial: Tutorial, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", server.url)
    async with (
        tutorial.serving("queued_jobs") as at,
        program(tutorial, "worker.py", server.url),
        connect(f"ws://{at}/ws/backgroundjob") as client,
    ):
        await work(client, {"type": "translate", "content": "good day"}, "translate", "🌍 bueno día")


@asynccontextmanager
async def program(tutorial: Tutorial, name: str, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of the files as the page says, until the end of the block."""
    environment = {**os.environ, "PYTHONPATH": str(PAGE.parents[1])}
    process = await asyncio.create_subprocess_exec(sys.executable, name, url, cwd=tutorial.folder, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
