"""Strangers say anything, in any order, to a real node over real sockets: no traceback, no hang, nothing is left."""

import asyncio
import contextlib
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lanchat.config import Config
from lanchat.errors import FrameError
from lanchat.identity import fresh_nonce, prove
from lanchat.lan.connection import dialling_context
from lanchat.lan.directory import first_room
from lanchat.limits import Limits
from lanchat.protocol import VERSION, Challenge, Hello, Prove, check_command, encode
from lanchat.protocol.codec import decode_command, decode_reply, read_subject
from lanchat.rooms.room import VERIFICATIONS
from lanchat.web.server import Server
from tests.hostile.speech import ROOMS, frames
from tests.support.certificates import certificate_of
from tests.support.clients import ELSEWHERE, running, serving
from tests.support.conditions import eventually
from tests.support.identity import OTHER_SEAL

KINDS = ("guest", "script", "link", "window", "plain", "nobody")
MOST = 4
PATIENCE = 10.0
REF = 2**40
_PACES = {name: 1e6 for name in Limits.__struct_fields__ if name.endswith(("_rate", "_burst"))}
BOUNDLESS = msgspec.structs.replace(Limits(rooms=20, rooms_per_address=20), **_PACES)
"""Nobody is told to slow down, so that everything is carried out."""
QUICK = settings(
    max_examples=30,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
LONG = settings(QUICK, max_examples=400, stateful_step_count=50, derandomize=False, print_blob=True)


class Complaints(logging.Handler):
    """Keeps what a node complains about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.said.append(f"{record.name}: {record.getMessage()} {error!r}")


class Stranger:
    """One connection; what comes is read and only looked at when it is asked for."""

    def __init__(self, kind: str, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.kind = kind
        self.socket = socket

    async def answers(self, number: int) -> bool:
        """Whether it is closed, or its question is answered."""
        if self.kind in {"plain", "nobody"} or self.socket.closed:
            return True
        with contextlib.suppress(ConnectionError, aiohttp.ClientConnectionError):
            await self.socket.send_str(f'{{"type": "open", "name": "general", "ref": {REF + number}}}')
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
                reply = decode_reply(message.data)
                if getattr(reply, "ref", 0) == REF + number:
                    return True


class House:
    """A node, and the strangers in it."""

    def __init__(self, folder: Path) -> None:
        self.config = Config(
            bind="127.0.0.1",
            port=0,
            window_port=0,
            data_dir=folder / "data",
            downloads=folder / "downloads",
            name="test",
            nick="Tester",
            limits=BOUNDLESS,
            showcase=True,
        )
        self.strangers: list[Stranger] = []
        self.rooms: list[str] = []
        self._asked = 0
        self._stack = contextlib.AsyncExitStack()

    async def open(self) -> None:
        self.server: Server = await self._stack.enter_async_context(serving(self.config))
        self.session = await self._stack.enter_async_context(aiohttp.ClientSession())
        registry = self.server.node.rooms
        self.rooms = [(await registry.open(name)).id for name in ROOMS]
        await self.server.node.journal.search(self.rooms[0], "x", None, 1)  # opens what all searches use
        await self.come("window")
        assert await self.strangers[0].answers(0)
        await self.leave(0)
        await eventually(self.empty, PATIENCE)
        self.tasks, self.files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    async def come(self, kind: str, *, secure: bool = False) -> None:
        """Bring somebody to the door of their kind; the network's has TLS as well, without which no link comes in."""
        path = "ws/room/general" if kind == "plain" else "ws"
        url = self.server.secure_url if secure else self.server.lan_url
        url = self.server.window_url if kind == "window" else url
        tls = dialling_context() if url.startswith("https") else True
        stranger = Stranger(kind, await self.session.ws_connect(f"{url}{path}", max_msg_size=0, ssl=tls))
        self.strangers.append(stranger)
        if kind == "link":
            await self.come_as_link(stranger)
        elif kind not in {"plain", "nobody"}:
            token = running(self.config.data_dir).key if kind == "window" else ""
            await self.tell(stranger, encode(Hello(version=VERSION, client=kind, token=token)).decode())  # type: ignore[arg-type]

    async def come_as_link(self, stranger: Stranger) -> None:
        """Say hello as another node does, and prove which one it is, as far as one is asked."""
        node, room, ours = ELSEWHERE, self.rooms[0], fresh_nonce()
        hello = Hello(version=VERSION, client="link", node=node, owner=OTHER_SEAL.id, room=room, nonce=ours)
        await self.tell(
            stranger, encode(msgspec.structs.replace(hello, owner_signature=OTHER_SEAL.vow(node.id))).decode()
        )
        async with asyncio.timeout(PATIENCE):
            answer = decode_reply((await stranger.socket.receive()).data)
        if isinstance(answer, Challenge):
            fingerprint = self.server.node.keyring.node.fingerprint
            der, signature = prove(certificate_of(node.id), fingerprint, room, (ours, answer.nonce))
            await self.tell(stranger, encode(Prove(certificate=der, signature=signature)).decode())

    async def tell(self, stranger: Stranger, said: str | bytes) -> None:
        """Say it; a connection that the node has closed takes nothing more."""
        with contextlib.suppress(ConnectionError, aiohttp.ClientConnectionError):
            if isinstance(said, bytes):
                await stranger.socket.send_bytes(said)
            else:
                await stranger.socket.send_str(said)

    async def tear(self, stranger: Stranger, data: bytes) -> None:
        """Write bytes past the protocol of WebSockets; of two where there is TLS, one goes past that as well."""
        if stranger.socket.get_extra_info("socket") is None or stranger.socket.closed:
            return
        writer: Any = stranger.socket._writer
        below = getattr(writer.transport, "_ssl_protocol", None)
        if below is not None and below._transport is not None and data[0] % 2 == 0:
            below._transport.write(data)
        else:
            writer.transport.write(data)

    async def leave(self, number: int, *, politely: bool = True) -> None:
        stranger = self.strangers.pop(number)
        if politely:
            await stranger.socket.close()
        else:
            writer: Any = stranger.socket._writer
            if writer.transport is not None:
                writer.transport.abort()
            await stranger.socket.close()

    async def ask_all(self) -> None:
        for stranger in self.strangers:
            self._asked += 1
            assert await stranger.answers(self._asked), stranger.kind

    def empty(self) -> bool:
        """Whether nothing of those who have left is left in the node."""
        node = self.server.node
        present = [room.name for room in node.rooms if len(room.presence)]
        return not present and set(node.hub._groups) <= {VERIFICATIONS} and not node.notifications._here

    async def close(self) -> None:
        try:
            await self.ask_all()
            while self.strangers:
                await self.leave(0)
            await eventually(self.empty, PATIENCE, "the node forgot those who left")
            await eventually(self.nothing_more, PATIENCE, "no task and no descriptor is left")
        finally:
            await self._stack.aclose()

    def nothing_more(self) -> bool:
        now = (len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd")))  # noqa: PTH208
        assert now <= (self.tasks, self.files), (now, self.tasks, self.files, asyncio.all_tasks())
        return True


class Strangers(RuleBasedStateMachine):
    """Up to four connections at a time, each of some kind, and all that they may do."""

    def __init__(self) -> None:
        super().__init__()
        self.complaints = Complaints()
        logging.getLogger().addHandler(self.complaints)
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.house = House(Path(self.folder.name))
        self.runner.run(self.house.open())

    @rule(kind=st.sampled_from(KINDS), secure=st.booleans())
    def come(self, kind: str, secure: bool) -> None:
        if len(self.house.strangers) == MOST:
            self.runner.run(self.house.leave(0))
        self.runner.run(self.house.come(kind, secure=secure))

    @rule(who=st.integers(0, MOST - 1), said=frames, room=st.integers(0, len(ROOMS) - 1))
    def say(self, who: int, said: str | bytes, room: int) -> None:
        if who < len(self.house.strangers):
            if isinstance(said, str):
                said = said.replace("{room}", self.house.rooms[room])
            try:
                self.runner.run(self.house.tell(self.house.strangers[who], said))
            except UnicodeEncodeError:
                return  # half a surrogate pair cannot be sent

    @rule(who=st.integers(0, MOST - 1), data=st.binary(min_size=1, max_size=60))
    def tear(self, who: int, data: bytes) -> None:
        if who < len(self.house.strangers):
            self.runner.run(self.house.tear(self.house.strangers[who], data))

    @rule(who=st.integers(0, MOST - 1), politely=st.booleans())
    def leave(self, who: int, politely: bool) -> None:
        if who < len(self.house.strangers):
            self.runner.run(self.house.leave(who, politely=politely))

    @rule()
    def ask(self) -> None:
        self.runner.run(self.house.ask_all())

    @invariant()
    def nothing_goes_wrong(self) -> None:
        assert self.complaints.said == []

    def teardown(self) -> None:
        try:
            self.runner.run(self.house.close())
            assert self.complaints.said == []
        finally:
            logging.getLogger().removeHandler(self.complaints)
            self.runner.close()
            self.folder.cleanup()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that finds nobody need not look around for long."""
    monkeypatch.setattr(first_room, "LOOK_AROUND", 0.01)


def test_whatever_strangers_say_nothing_breaks_hangs_or_stays() -> None:
    run_state_machine_as_test(Strangers, settings=QUICK)


@pytest.mark.soak
def test_whatever_strangers_say_for_long() -> None:
    run_state_machine_as_test(Strangers, settings=LONG)


@given(said=frames)
@settings(max_examples=600, derandomize=True, deadline=None, database=None)
def test_what_is_no_command_is_refused_with_a_reason(said: str | bytes) -> None:
    with contextlib.suppress(FrameError):
        check_command(decode_command(said))
    assert isinstance(read_subject(said).nonce, str)
