"""A notice reaches the desktop's service, says what was said and nothing else, and a click comes back."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from tests.support.conditions import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="D-Bus")

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
METHODS: dict[str, tuple[list[str], list[str], list[object]]] = {
    "GetCapabilities": ([], ["as"], [["actions", "body-markup"]]),
    "GetServerInformation": ([], ["s"] * 4, ["desktop", "tests", "1", "1.2"]),
    "Notify": (["s", "u", "s", "s", "s", "as", "a{sv}", "i"], ["u"], [1]),
}
"""What a desktop's service has to have: what each takes, what it gives, and an answer."""


def description() -> str:
    """What the service says of itself."""
    methods = "".join(
        f'<method name="{name}">{arguments("in", takes)}{arguments("out", gives)}</method>'
        for name, (takes, gives, _) in METHODS.items()
    )
    invoked = '<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>'
    return f'<node><interface name="{NAME}">{methods}{invoked}</interface></node>'


def arguments(direction: str, kinds: list[str]) -> str:
    return "".join(f'<arg direction="{direction}" type="{kind}"/>' for kind in kinds)


class Desktop:
    """In place of a desktop's service."""

    def __init__(self, bus: MessageBus) -> None:
        self.shown: list[tuple[str, str]] = []
        self._bus = bus
        bus.add_message_handler(self._handle)

    def click(self) -> None:
        """Click on the notice."""
        self._bus.send(Message.new_signal(PATH, NAME, "ActionInvoked", "us", [1, "default"]))

    def _handle(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        if message.member == "Introspect":
            return Message.new_method_return(message, "s", [description()])
        if message.member not in METHODS:
            return False
        if message.member == "Notify":
            self.shown.append((message.body[3], message.body[4]))
        _, gives, answer = METHODS[message.member]
        return Message.new_method_return(message, "".join(gives), answer)


@pytest.fixture
async def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desktop]:
    address = f"unix:path={tmp_path / 'bus'}"
    daemon = await asyncio.create_subprocess_exec(
        "dbus-daemon",
        "--session",
        "--nofork",
        "--print-address",
        f"--address={address}",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert daemon.stdout is not None
    async with asyncio.timeout(60):
        await daemon.stdout.readline()  # it listens then
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    try:
        bus = await MessageBus().connect()
        await bus.request_name(NAME)
        yield Desktop(bus)
        bus.disconnect()
    finally:
        daemon.terminate()
        await daemon.communicate()


_PROGRAM = """
import logging, sys, threading
from lanchat.desktop.notices import DesktopNotices

logging.basicConfig(stream=sys.stdout, format="%(message)s")
clicked = threading.Event()
DesktopNotices("Lanchat").show("Milo", sys.argv[1], clicked.set)
print("clicked" if clicked.wait(60) else "nobody", flush=True)
"""


async def program(text: str) -> asyncio.subprocess.Process:
    """A program of its own: the library has no way to end its connection."""
    return await asyncio.create_subprocess_exec(sys.executable, "-c", _PROGRAM, text, stdout=subprocess.PIPE)


async def test_a_notice_is_shown_as_it_was_said_and_leads_back(desktop: Desktop) -> None:
    showing = await program("<a href='http://192.0.2.1/'>Lunch</a> & " + "x" * 5_000)
    await eventually(lambda: bool(desktop.shown))
    ((title, text),) = desktop.shown
    begin = "&lt;a href='http://192.0.2.1/'&gt;Lunch&lt;/a&gt; &amp; xxx"
    assert (title, text[: len(begin)], len(text) < 600) == ("Milo", begin, True)
    ended = asyncio.create_task(showing.communicate())
    while not ended.done():
        desktop.click()  # the notice is here a moment before the program has its number, and nobody is that quick
        await asyncio.wait({ended}, timeout=0.1)
    assert ended.result()[0] == b"clicked\n"


async def test_a_desktop_without_notices_costs_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    showing = await program("Lunch")
    assert showing.stdout is not None
    async with asyncio.timeout(60):
        assert b"Notification failed" in await showing.stdout.readline()
    showing.kill()
    await showing.communicate()
