"""Saying why nobody is found, and looking for others."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from lanchat.config import Config
from lanchat.identity import Keyring
from lanchat.lan.diagnosis import doctor as module
from lanchat.protocol import Diagnose, Diagnosis, Done, Error, Look, Looked, NodeInfo, Renew
from lanchat.web.server import Server
from tests.support.clients import guest, serving, window
from tests.support.lan.facts import facts


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def test_the_owner_is_told_what_is_wrong(server: Server) -> None:
    async with window(server) as owner:
        diagnosis = await owner.ask(Diagnose(), Diagnosis)
        assert [finding.cause for finding in diagnosis.findings] == ["bind_loopback"]
        assert diagnosis.tried


async def test_a_guest_is_not(server: Server) -> None:
    async with guest(server) as ada:
        assert (await ada.ask(Diagnose(), Error)).code == "not_owner"


async def test_everything_else_goes_on_meanwhile(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    going = asyncio.Event()

    async def examine(_: object) -> object:
        await going.wait()
        return facts()

    monkeypatch.setattr(module, "examine", examine)
    async with window(server) as owner:
        await owner.tell(Diagnose(ref=900))
        room = await owner.enter("hall")
        await owner.say(room, "meanwhile")
        await owner.said(room, 1)
        going.set()
        assert (await owner.hear(Diagnosis)).findings == []


async def test_the_owner_looks_for_a_node_at_an_address(server: Server, config: Config, tmp_path: Path) -> None:
    there = msgspec.structs.replace(config, data_dir=tmp_path / "there", name="there", port=0, window_port=0)
    async with serving(there) as other, window(server) as owner:
        looked = await owner.ask(Look(address=other.lan_url), Looked)
        assert looked == Looked(ref=looked.ref, nodes=[NodeInfo(id=other.node.info.id, name="there")], asked=1)


async def test_where_nobody_is_and_what_is_no_address(server: Server) -> None:
    async with window(server) as owner:
        for address, code in (
            ("127.0.0.1:1025", "unreachable"),
            ("fe80::1%eth0/?", "invalid_setting"),
            (server.lan_url, "invalid_setting"),
            ("x" * 300, "invalid_frame"),
        ):
            assert (await owner.ask(Look(address=address), Error)).code == code
        assert (await owner.ask(Look(), Looked)).asked == 0
    async with guest(server) as ada:
        assert (await ada.ask(Look(), Error)).code == "not_owner"


async def test_the_owner_has_new_keys_made_for_the_next_start_and_nobody_else_has(server: Server) -> None:
    node, data_dir = server.node.info.id, server.node.config.data_dir
    async with window(server) as owner, guest(server) as ada:
        assert (await ada.ask(Renew(), Error)).code == "not_owner"
        assert Keyring.peek(data_dir).node.id == node
        await owner.ask(Renew(), Done)
    await asyncio.to_thread(Keyring.load, data_dir)
    assert Keyring.peek(data_dir).node.id != node
