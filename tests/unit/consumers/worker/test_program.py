"""The command line of a worker, as a process: it works, ends by a signal, and says what is wrong."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lanchat.consumers.worker.program import main
from lanchat.layers import layer_from_url
from tests.laws.sources import ROOT
from tests.support.conditions import LONG, eventually
from tests.support.redis.servers import RedisServer

JOBS = """
import pathlib, time

from lanchat.consumers import AsyncConsumer, SyncConsumer
from lanchat.consumers.routing import ChannelNameRouter, ProtocolTypeRouter


class Writer(SyncConsumer):
    def write(self, message):
        pathlib.Path("done").write_text(message["text"])


class Sleeper(SyncConsumer):
    def sleep(self, message):
        pathlib.Path("asleep").write_text("")
        time.sleep(600)


consumers = {"files": Writer}
app = ProtocolTypeRouter({"channel": ChannelNameRouter({"files": Writer, "naps": Sleeper})})
nothing = 7
"""


@asynccontextmanager
async def program(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    (folder / "jobs.py").write_text(JOBS, "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "lanchat.consumers.worker", *arguments),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_worker_works_until_a_signal(tmp_path: Path, server: RedisServer) -> None:
    url = server.url.replace("redis://", "redis+queue://")
    async with layer_from_url(url) as layer, program(tmp_path, "jobs:consumers", "--url", url) as process:
        await layer.send("files", {"type": "write", "text": "hello"})
        await eventually(lambda: (tmp_path / "done").exists() and (tmp_path / "done").read_text() == "hello")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LONG):
            _, said = await process.communicate()
        assert process.returncode == 0
        assert b"Listening to files" in said
        assert b"Handled 1 messages" in said


async def test_a_worker_whose_handlers_block_ends_with_3(tmp_path: Path, server: RedisServer) -> None:
    url = server.url.replace("redis://", "redis+queue://")
    told = ("jobs:app", "naps", "--url", url, "--timeout", "0.1", "--grace", "0.1", "--most-stuck", "0")
    async with layer_from_url(url) as layer, program(tmp_path, *told) as process:
        await layer.send("naps", {"type": "sleep"})
        async with asyncio.timeout(LONG):
            _, said = await process.communicate()
        assert process.returncode == 3
        assert b"A message of type 'sleep' in naps was not handled within 0.1 s" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nojobs:app"], "There is no module nojobs"),
        (["jobs:other"], "There is no other in jobs"),
        (["jobs"], "as package.module:name"),
        (["jobs:nothing"], "not 7"),
        (["jobs:app", "--layer", "chat"], "No layer is called 'chat'; known are: none"),
        (["jobs:app", "--url", "nowhere://"], "No layer is installed for nowhere://"),
        (["jobs:app", "cellar", "--url", "memory://"], "No consumer there takes cellar"),
        (["jobs:app", "--url", "memory://", "--concurrency", "0"], "at least one message at once"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "jobs.py").write_text(JOBS, "utf-8")
    code = f"import sys; from lanchat.consumers.worker.program import main; sys.exit(main({arguments!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_help_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--concurrency" in capsys.readouterr().out
