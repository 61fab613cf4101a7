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
from lanchat.consumers import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer, AsyncHttpConsumer, WebsocketConsumer
from lanchat.consumers.testing import HttpCommunicator, WebsocketCommunicator
from lanchat.layers import InMemoryChannelLayer, register_channel_layer


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
    assert (await HttpCommunicator(Answer, "GET", "/").get_response())["body"] == b"fine"
    try:
        await WebsocketCommunicator(Sync, "/").connect()
    except ImportError as error:
        assert "pip install 'lanchat[sync]'" in str(error)
    else:
        raise AssertionError("a sync consumer has run without asgiref")


asyncio.run(main())
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
