"""What the system says; that it says it when an address comes is shown in tests/lab/scenarios/test_moving.py."""

import asyncio
import socket
import sys

import pytest

from lanchat.lan.machine.notices import SystemNotices
from tests.support.conditions import eventually


def pair(monkeypatch: pytest.MonkeyPatch) -> tuple["Kernel", list[str], SystemNotices]:
    heard: list[str] = []
    kernel = Kernel()
    monkeypatch.setattr(socket, "AF_NETLINK", 16, raising=False)
    monkeypatch.setattr(socket, "NETLINK_ROUTE", 0, raising=False)
    monkeypatch.setattr(socket, "SOCK_NONBLOCK", 2048, raising=False)
    monkeypatch.setattr(socket, "socket", kernel.open)
    return kernel, heard, SystemNotices(lambda: heard.append("notice"))


class Kernel:
    """A socket that says what the test wants."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.said: list[object] = []
        self.bound: object = None
        self.refuses = ""

    def open(self, family: int, kind: int, protocol: int) -> "Kernel":
        if self.refuses == "socket":
            raise PermissionError
        return self

    def bind(self, address: object) -> None:
        if self.refuses == "bind":
            raise PermissionError
        self.bound = address

    def fileno(self) -> int:
        return self.ours.fileno()

    def say(self, *said: object) -> None:
        self.said.extend(said)
        self.theirs.send(b"x")

    def recvfrom(self, size: int) -> object:
        if not self.said:
            self.ours.recv(64)
            raise BlockingIOError
        said = self.said.pop(0)
        if isinstance(said, OSError):
            raise said
        return b"", said

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


async def test_many_words_are_one_notice_and_only_the_kernel_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, heard, notices = pair(monkeypatch)
    notices.open()
    assert notices.there
    assert kernel.bound == (0, 0x1 | 0x10 | 0x40 | 0x100)
    kernel.say((0, 1), (0, 16), (0, 16))
    await eventually(lambda: heard == ["notice"])
    kernel.say((4711, 1))
    await eventually(lambda: not kernel.said)
    assert heard == ["notice"]
    kernel.say(OSError(105, "No buffer space available"))
    await eventually(lambda: heard == ["notice"] * 2)
    notices.close()
    notices.close()
    assert not notices.there


@pytest.mark.parametrize("refuses", ["socket", "bind"])
async def test_a_system_that_says_nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch, refuses: str) -> None:
    kernel, _, notices = pair(monkeypatch)
    kernel.refuses = refuses
    notices.open()
    assert not notices.there
    kernel.close()


async def test_elsewhere_there_is_nothing_to_listen_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_NETLINK", raising=False)
    notices = SystemNotices(lambda: None)
    notices.open()
    assert not notices.there
    notices.close()


@pytest.mark.skipif(sys.platform != "linux", reason="rtnetlink is Linux's")
async def test_linux_lets_us_listen() -> None:
    notices = SystemNotices(lambda: None)
    notices.open()
    await asyncio.sleep(0)
    assert notices.there
    notices.close()
