"""A clone of this node runs as well: real nodes with one key. And what only looks like a clone is none."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import aiohttp
import msgspec
import pytest

from lanchat.config import Config
from lanchat.identity import fresh_nonce, prove, twin
from lanchat.lan.connection import NodeAddress, dialling_context
from lanchat.lan.discovery import twin_probe
from lanchat.lan.discovery.mdns import Sighting
from lanchat.lan.discovery.records import SERVICE, Advert, service
from lanchat.protocol import VERSION, Challenge, Error, Hello, Notification, Prove
from lanchat.web.server import Server
from tests.support.clients import Client, serving, window
from tests.support.conditions import eventually
from tests.support.faults.wire import Wire

ROOM = Advert("f" * 32, "general", 1)


class Pair(NamedTuple):
    """A node, and one that was started from a copy of its data."""

    here: Server
    clone: Server


@pytest.fixture
async def pair(config: Config, tmp_path: Path) -> AsyncIterator[Pair]:
    async with serving(config):
        pass  # it has keys now
    shutil.copytree(config.data_dir, tmp_path / "copy")
    there = msgspec.structs.replace(config, data_dir=tmp_path / "copy")
    async with serving(config) as here, serving(there) as clone:
        assert here.node.info.id == clone.node.info.id
        yield Pair(here, clone)


def announce(server: Server, port: int, instance: str = "clone") -> None:
    """Have a node hear that its own id is announced at a port of this machine."""
    discovery = server.node.network.discovery
    txt = {key.encode(): value.encode() for key, value in service(ROOM, server.node.info, port).txt.items()}
    discovery._finder.seen(f"{instance}.{SERVICE}", Sighting(port, ["127.0.0.1"], txt))


async def notices(server: Server) -> list[str]:
    """What a window of the owner is told that opens now."""
    async with window(server) as owner:
        room = await owner.enter("general")
        await owner.settled(room)
        return [notice.text for notice in owner.passed if isinstance(notice, Notification)]


def port(url: str) -> int:
    return NodeAddress.parse(url).port


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin_probe, "BETWEEN", 0)
    monkeypatch.setattr("lanchat.lan.addresses.Reach.accepts", lambda *_: True)


async def test_a_clone_that_is_announced_is_told_to_the_owner_with_what_to_do(pair: Pair) -> None:
    async with window(pair.here) as owner:
        announce(pair.here, port(pair.clone.lan_url))
        told = (await owner.hear(Notification)).text
        assert "runs Lanchat with the keys of this one" in told
        assert "lanchat identity renew" in told
        assert "lanchat identity restore" in told
    assert await notices(pair.here) == [told]


async def test_a_stranger_who_announces_our_id_is_no_clone(pair: Pair, tmp_path: Path) -> None:
    other = msgspec.structs.replace(pair.here.node.config, data_dir=tmp_path / "other")
    async with serving(other) as stranger, Wire(port(pair.here.lan_url)) as wire:
        announce(pair.here, port(stranger.lan_url), "stranger")  # has another key
        announce(pair.here, wire.port, "wire")  # passes on what it is asked, to us
        announce(pair.here, port(pair.here.window_url), "window")  # speaks no TLS
        probe = pair.here.node.network.discovery._finder._twins
        assert probe is not None
        await eventually(lambda: len(probe._asked) == 3 and probe._task is not None and probe._task.done())
        assert wire.carried > 0
        assert await notices(pair.here) == []


async def link_of(server: Server, clone: Server) -> tuple[str, str]:
    """Dial a node as a link under the key of another one; give the code and the sentence of its answer."""
    keyring, room = clone.node.keyring, (await server.node.rooms.open("hall")).id
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.secure_url}ws", ssl=dialling_context()) as socket,
    ):
        client, ours = Client(socket), fresh_nonce()
        seal = clone.node.owner.seal
        hello = Hello(version=VERSION, client="link", node=clone.node.info, owner=seal.id, room=room, nonce=ours)
        await client.tell(msgspec.structs.replace(hello, owner_signature=seal.vow(clone.node.info.id)))
        theirs = (await client.hear(Challenge)).nonce
        der, signature = prove(keyring.node, server.node.keyring.node.fingerprint, room, (ours, theirs))
        await client.tell(Prove(certificate=der, signature=signature))
        error = await client.hear(Error)
        await client.end()
        return error.code, error.message


async def test_a_clone_that_dials_us_is_refused_and_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin, "is_here", lambda _: False)
    code, message = await link_of(pair.here, pair.clone)
    assert (code, "the same one" in message) == ("invalid_frame", True)
    (told,) = await notices(pair.here)
    assert "runs Lanchat with the keys of this one" in told


async def test_a_node_that_dials_itself_is_refused_and_no_clone(pair: Pair) -> None:
    assert (await link_of(pair.here, pair.here))[0] == "invalid_frame"
    assert await notices(pair.here) == []
