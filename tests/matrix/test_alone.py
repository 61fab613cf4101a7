"""The library by itself: its own files and msgspec, in an environment in which nothing else is installed."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
FILES = ("__init__.py", "fault.py", "py.typed", "layers", "consumers")
PROGRAM = """
import asyncio, importlib.util, sys

for name in ("aiohttp", "redis", "asgiref", "django", "apsw", "pytest"):
    assert importlib.util.find_spec(name) is None, name

import lanchat.layers, lanchat.consumers
import lanchat.consumers.access, lanchat.consumers.asyncapi, lanchat.consumers.presence, lanchat.consumers.routing
import lanchat.consumers.streams, lanchat.consumers.tracing, lanchat.consumers.typed, lanchat.consumers.worker
import msgspec
from lanchat.consumers import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer, AsyncHttpConsumer, WebsocketConsumer
from lanchat.consumers.testing import HttpCommunicator, WebsocketCommunicator
from lanchat.consumers import HandlerCancelled, NoHandler, NotConnected, TypedWebsocketConsumer
from lanchat.consumers.routing import ChannelNameRouter
from lanchat.consumers.worker import ChannelWorker
from lanchat.layers import (
    ChannelFull, InMemoryChannelLayer, InvalidMessage, LayerError, LibraryError, MessageTooLarge, layer_from_url,
    register_channel_layer, register_serializer,
)
from lanchat.layers.history import GroupFollower, Position


class Room(AsyncWebsocketConsumer):
    groups = ["room"]

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send("room", {"type": "room.message", "text": text_data})

    async def room_message(self, event):
        await self.send(event["text"])


class Echo(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        await self.send_json({"you said": content})


class Answer(AsyncHttpConsumer):
    async def handle(self, body):
        await self.send_response(200, b"fine")


class Sync(WebsocketConsumer):
    pass


class Said(msgspec.Struct, tag="said"):
    text: str


class Typed(TypedWebsocketConsumer):
    serializer = "msgpack"

    async def receive_content(self, content: Said):
        await self.send_content(Said(content.text.upper()))


class Work(lanchat.consumers.AsyncConsumer):
    done = []

    async def do(self, message):
        self.done.append(message["n"])


class Reversed:
    is_text = True

    def encode(self, value):
        return repr(value)[::-1].encode()

    def decode(self, data):
        return eval(data.decode()[::-1])


def refused(kind, call, *given, **named):
    try:
        done = call(*given, **named)
        if asyncio.iscoroutine(done):
            asyncio.run(done)
    except LibraryError as error:
        assert type(error) is kind and error.code and not hasattr(error, "exit_code"), repr(error)
        return str(error)
    raise AssertionError(f"{call} was not refused")


def errors():
    layer = InMemoryChannelLayer(capacity=1, max_message_size=50)
    asyncio.run(layer.send("a", {"type": "t"}))
    refused(ChannelFull, layer.send, "a", {"type": "t"})
    refused(MessageTooLarge, layer.send, "b", {"type": "t" * 100})
    refused(InvalidMessage, layer.send, "b", {"type": print})
    refused(LayerError, layer.group_history, "g")
    refused(NotConnected, lanchat.consumers.AsyncConsumer().send, {"type": "t"})
    refused(LayerError, layer_from_url, "redis+queue://127.0.0.1")
    from lanchat.layers import redis

    assert "lanchat[redis]" in refused(LayerError, lambda: redis.RedisChannelLayer)
    assert issubclass(NoHandler, LibraryError) and issubclass(HandlerCancelled, LibraryError)
    try:
        Room.as_handler()
    except ImportError as error:
        assert error.name == "aiohttp", error
    else:
        raise AssertionError("a handler of aiohttp without aiohttp")


async def history():
    async with InMemoryChannelLayer(history={"room": {"entries": 3}}) as layer:
        for n in range(5):
            await layer.group_send("room", {"type": "t", "n": n})
        channel = await layer.new_channel()
        follower = GroupFollower(layer, "room")
        run = await follower.start(channel, Position((await layer.group_history("room")).epoch, 1))
        assert ([message["n"] for message in run.messages], run.missed) == ([2, 3, 4], 1)
        await layer.group_send("room", {"type": "t", "n": 5})
        assert [message["n"] for message in (await follower.take(await layer.receive(channel))).messages] == [5]


async def formats():
    register_serializer("reversed", Reversed())
    for form in ("msgpack", "json", "reversed"):
        async with layer_from_url(f"memory://?serializer_format={form}") as layer:
            await layer.send("a", {"type": "t", "n": 1})
            assert await layer.receive("a") == {"type": "t", "n": 1}


async def work():
    async with InMemoryChannelLayer() as layer:
        worker = ChannelWorker(ChannelNameRouter({"jobs": Work}), layer, ["jobs"])
        working = asyncio.create_task(worker.run())
        for n in range(3):
            await layer.send("jobs", {"type": "do", "n": n})
        async with asyncio.timeout(60):
            while worker.handled < 3:
                await asyncio.sleep(0)
        worker.stop()
        await working
    assert Work.done == [0, 1, 2]


async def main():
    register_channel_layer("default", InMemoryChannelLayer())
    async with WebsocketCommunicator(Room, "/") as ada, WebsocketCommunicator(Room, "/") as bob:
        await ada.connect()
        await bob.connect()
        await ada.send_to("hello")
        assert await ada.receive_from() == await bob.receive_from() == "hello"
    async with WebsocketCommunicator(Echo.as_asgi(), "/") as client:
        await client.connect()
        await client.send_json_to([1])
        assert await client.receive_json_from() == {"you said": [1]}
    async with WebsocketCommunicator(Typed, "/") as client:
        await client.connect()
        await client.send_to(bytes_data=msgspec.msgpack.encode(Said("hello")))
        assert msgspec.msgpack.decode(await client.receive_from(), type=Said) == Said("HELLO")
    assert (await HttpCommunicator(Answer, "GET", "/").get_response())["body"] == b"fine"
    try:
        await WebsocketCommunicator(Sync, "/").connect()
    except ImportError as error:
        assert "pip install 'lanchat[sync]'" in str(error)
    else:
        raise AssertionError("a sync consumer has run without asgiref")


errors()
for part in (main(), history(), formats(), work()):
    asyncio.run(part)
known = {*sys.stdlib_module_names, "__main__", "lanchat", "msgspec", "sitecustomize", "usercustomize"}
foreign = {name.partition(".")[0] for name in sys.modules} - known
assert not {name for name in foreign if not name.startswith("_")}, foreign
print("alone")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with the library's files, and msgspec's."""
    folder = tmp_path_factory.mktemp("alone")
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    here = next(folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages")
    theirs = Path(msgspec.__file__).parent
    shutil.copytree(theirs, here / "msgspec")
    for name in FILES:
        source = ROOT / "lanchat" / name
        if source.is_dir():
            shutil.copytree(source, here / "lanchat" / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            (here / "lanchat").mkdir(exist_ok=True)
            shutil.copy(source, here / "lanchat" / name)
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def test_layers_in_memory_and_async_consumers_run_alone(python: Path) -> None:
    done = subprocess.run([python, "-I", "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout.strip(), done.stderr) == ("alone", "")
