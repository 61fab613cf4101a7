"""What systemd is told, by its own protocol."""

import contextlib
import os
import socket
import sys
from pathlib import Path

import pytest

from lanchat.commands.supervisor import READY, STOPPING, tell

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no such sockets")


@pytest.mark.parametrize("abstract", [False, True])
def test_it_is_told_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, abstract: bool) -> None:
    if abstract and sys.platform != "linux":
        pytest.skip("abstract sockets are Linux'")
    path = f"@lanchat-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as supervisor:
        supervisor.bind(path.replace("@", "\0", 1) if abstract else path)
        supervisor.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        tell(READY)
        tell(STOPPING)
        assert [supervisor.recv(100), supervisor.recv(100)] == [b"READY=1", b"STOPPING=1"]


@pytest.mark.parametrize("path", ["", "relative", "/nowhere/at/all", "vsock:2:1"])
def test_nobody_who_waits_is_nobody_who_is_told(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    tell(READY)
