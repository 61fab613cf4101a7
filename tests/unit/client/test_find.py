"""Where a program looks for a room: the node here, the network, or one host."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from lanchat import runtime
from lanchat.client.find import Lookup, list_rooms, reach
from lanchat.config import Config
from lanchat.errors import InvalidFrame, InvalidSetting, NoSuchRoom, Unreachable
from lanchat.protocol import Join, Joined, Post
from lanchat.runtime import Running
from lanchat.web.server import Server, serve
from tests.support.clients import serving
from tests.support.conditions import eventually

NAME = f"script {os.getpid()}"


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
def here(config: Config) -> Lookup:
    """A search by the user of the node."""
    return Lookup(config=msgspec.structs.replace(config, nick=""), wait=0.1)


@pytest.fixture
def away(config: Config, tmp_path: Path) -> Lookup:
    """A search by a user without a node."""
    return Lookup(config=msgspec.structs.replace(config, data_dir=tmp_path / "away", nick="Bob"), wait=0.1)


async def author_in(search: Lookup, name: str = NAME) -> str:
    """Say something in a room, and give the name that it was said under."""
    async with reach(search, name, create=True) as (connection, info):
        await connection.ask(Join(room=info.id, since=info.top), Joined)
        event = await connection.say(Post(room=info.id, nonce=os.urandom(8).hex(), text="hello"))
        return event.author.nick


def at(search: Lookup, url: str) -> Lookup:
    return msgspec.structs.replace(search, host=url)


async def test_the_node_here_is_asked_first_and_speaks_for_its_owner(server: Server, here: Lookup) -> None:
    assert await author_in(here) == "Tester"
    room = server.node.rooms.here(NAME)
    assert room is not None
    async with reach(here, NAME, create=False) as (connection, info):
        assert (info.id, info.top) == (room.id, 1)
        assert connection.url == server.window_url


async def test_a_name_of_its_own_is_kept(server: Server, here: Lookup) -> None:
    named = msgspec.structs.replace(here, config=msgspec.structs.replace(here.config, nick="Robot"))
    assert await author_in(named) == "Robot"


async def test_a_host_is_asked_and_nobody_else(server: Server, here: Lookup, away: Lookup) -> None:
    assert await author_in(at(away, server.lan_url)) == "Bob"
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
    with pytest.raises(Unreachable, match=address):
        await author_in(at(here, address))


async def test_somebody_without_a_name_is_called_as_in_the_system(server: Server, here: Lookup) -> None:
    assert await author_in(at(here, server.lan_url)) == here.config.default_nick


async def test_a_room_is_made_only_if_asked(server: Server, here: Lookup, away: Lookup) -> None:
    for search in (here, at(away, server.lan_url)):
        with pytest.raises(NoSuchRoom):
            async with reach(search, "not there", create=False):
                pytest.fail("it was reached")
    assert server.node.rooms.here("not there") is None


async def test_without_a_node_the_network_is_searched_and_only_so_long(away: Lookup) -> None:
    async with asyncio.timeout(60):
        with pytest.raises(NoSuchRoom, match=r"in 0\.1 s"):
            async with reach(away, NAME, create=True):
                pytest.fail("it was reached")


async def test_a_room_of_the_network_is_found(config: Config, away: Lookup) -> None:
    name = f"found {os.getpid()}"
    patient = msgspec.structs.replace(away, wait=10.0)
    async with serve(msgspec.structs.replace(config, room=name)) as server:
        async with reach(patient, name, create=False) as (connection, info):
            assert info.name == name
            assert connection.welcome.node == server.node.info

        async def kinds() -> list[str]:
            return [info.kind for info in await list_rooms(away) if info.name == name]

        found: list[str] = await eventually(kinds)
        assert found == ["found"]


@pytest.mark.parametrize("left", ["dead", "another Lanchat", "another program"])
async def test_the_file_of_a_killed_node_proves_nothing(server: Server, away: Lookup, left: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        # A program that takes connections and closes them at once is no Lanchat either.
        task = asyncio.create_task(_turn_everybody_away(other)) if left == "another program" else None
        port = other.getsockname()[1]
        if left == "dead":
            other.close()
        url = server.window_url if left == "another Lanchat" else f"http://127.0.0.1:{port}/"
        away.config.data_dir.mkdir()
        runtime.write(away.config.data_dir, Running(pid=1, window=url, lan=url, key="old"))
        with pytest.raises(NoSuchRoom, match="was found"):
            async with reach(away, NAME, create=True):
                pytest.fail("it was reached")
        assert isinstance(await list_rooms(away), list)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_rooms_of_the_node_here_are_listed_without_a_search(server: Server, here: Lookup) -> None:
    await author_in(here)
    async with asyncio.timeout(60):
        patient = msgspec.structs.replace(here, wait=600.0)
        assert [(info.name, info.kind) for info in await list_rooms(patient)] == [(NAME, "home")]
        assert [info.name for info in await list_rooms(at(patient, server.lan_url))] == [NAME]


async def test_what_goes_wrong_in_the_room_is_told_and_not_searched_for(server: Server, here: Lookup) -> None:
    with pytest.raises(NoSuchRoom, match="mine"):
        async with reach(here, NAME, create=True):
            raise NoSuchRoom("mine")
    with pytest.raises(InvalidFrame):
        async with reach(here, NAME, create=True) as (connection, _):
            await connection.ask(Join(room="", limit=-1), Joined)


async def test_what_is_no_host_is_explained(here: Lookup) -> None:
    with pytest.raises(InvalidSetting, match=r"--host: .*ADDRESS:PORT"):
        await list_rooms(msgspec.structs.replace(here, host="192.0.2.5:port"))


async def _turn_everybody_away(server: socket.socket) -> None:
    server.setblocking(False)
    while True:
        connection, _ = await asyncio.get_running_loop().sock_accept(server)
        connection.close()


async def test_of_a_link_with_several_addresses_the_first_that_answers_is_asked(server: Server, away: Lookup) -> None:
    link = at(away, f"http://127.0.0.1:1/#r=x&a=127.0.0.1:2,{server.lan_url.split('/')[2]}")
    assert await author_in(link) == "Bob"
    assert NAME in [room.name for room in await list_rooms(link)]
    with pytest.raises(Unreachable):
        await author_in(at(away, "http://127.0.0.1:1/#r=x&a=127.0.0.1:2"))
    with pytest.raises(Unreachable):
        await list_rooms(at(away, "http://127.0.0.1:1/#r=x&a=127.0.0.1:2"))
