"""docs/operation/programs.md: both bots in processes of their own, and two nodes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lanchat.protocol import guest_id
from tests.docs.tutorial import files
from tests.support.clients import guest
from tests.support.conditions import eventually
from tests.support.proxies import OPERATION
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import company, said, shared_room


@contextmanager
def running(program: Path, room: str, heard: Path, **environment: str) -> Iterator[None]:
    """Run a bot in a room until the end of the block; what it prints goes into a file."""
    with heard.open("wb") as output:
        command = [sys.executable, str(program), room]
        bot = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output)
    try:
        yield
    finally:
        bot.kill()
        bot.wait()


@pytest.mark.parametrize(
    ("name", "nick", "says"),
    [("django_bot.py", "Django bot", "Hello from Django"), ("fast_bot.py", "Fast bot", "Hello from Fast Channels")],
)
async def test_a_bot_speaks_and_hears(tmp_path: Path, server: RedisServer, name: str, nick: str, says: str) -> None:
    program = tmp_path / name
    program.write_text(files((OPERATION / "programs.md").read_text("utf-8"))[name], "utf-8")
    heard = tmp_path / "heard"
    async with company(tmp_path, server, "ada", "bob", redis_programs=True) as nodes:
        room, other = await shared_room(nodes)
        with running(program, room.id, heard, REDIS_URL=server.url):
            async with guest(nodes[1], "Carl") as carl:
                await carl.join(room.id)
                (event,) = await carl.said(room.id, 1)
                assert (event.author.nick, event.body.text) == (nick, says)
                await carl.say(room.id, "Hello, bot")
                await eventually(
                    lambda: heard.read_text("utf-8").splitlines() == [f"{nick}: {says}", "Carl: Hello, bot"],
                    what="the bot hears itself and Carl, once each",
                )
        await eventually(lambda: room.top == other.top == 2)
        secret = f"only-the-{name.partition('_')[0]}-bot-knows-this"
        assert (await said(nodes[0], room))[0].author.id == guest_id(secret)
