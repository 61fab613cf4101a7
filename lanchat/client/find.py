"""How a program without a node of its own reaches a room: this machine's node first, then the network."""

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec

from lanchat import runtime
from lanchat.client.patience import patiently
from lanchat.config import Config
from lanchat.errors import InvalidSetting, NoSuchRoom, OtherNode, Unauthorised, Unreachable
from lanchat.lan.connection import Connection, NodeAddress, dial
from lanchat.lan.discovery import Discovery, FoundRoom
from lanchat.protocol import VERSION, Hello, Look, Looked, NodeInfo, Open, Opened, RoomInfo, RoomList


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look for a room.

    Attributes:
        config: `data_dir` names the node of this machine, `bind` the interface to search, `nick` who speaks.
        host: the one node to ask, as `address:port`, `address`, the URL that it prints, or a link into a
            room, whose further addresses are tried as well; empty to search.
        wait: seconds to search the network.
        on_stranger: called with the address and the id of a node of another machine that was asked by its address:
            nothing says that it is the one that was meant.
    """

    config: Config
    host: str = ""
    wait: float = 3.0
    on_stranger: Callable[[str, str], None] = lambda _address, _node: None


@asynccontextmanager
async def reach(search: Lookup, name: str, *, create: bool) -> AsyncIterator[tuple[Connection, RoomInfo]]:
    """Connect to a node that has the room of this name, and open the room there.

    Args:
        search: where to look.
        name: of the room.
        create: whether a node that is asked may open a new room of this name.

    Raises:
        NoSuchRoom: there is none, or nobody who could open it.
        Unreachable: nobody answers at the host that was given.
    """
    if search.host:
        async with _at_host(search, name, create=create) as room:
            yield room
        return
    local = False
    with contextlib.suppress(_NotHere):
        async with _local_room(search, name, create=create) as room:
            local = True
            yield room
    if not local:
        async with _network_room(search, name) as room:
            yield room


async def list_rooms(search: Lookup, *, subnet: bool = False) -> list[RoomInfo]:
    """Return every room that can be reached, searching the network for the whole time unless a node here knows.

    Args:
        search: where to look.
        subnet: whether to ask at each address of this machine's subnets as well.

    Raises:
        SlowDown: that was done just now.
        LanchatError: the host that was given does not answer as a node does.
    """
    if search.host:
        return await _listed_at_host(search)
    if node := runtime.read(search.config.data_dir):
        try:
            hello = Hello(**_hello(search, client="window", token=node.key))
            if subnet:
                async with dial(node.window, hello) as connection:
                    await connection.ask(Look(), Looked)
            async with dial(node.window, hello) as connection:
                return await _listed(connection)
        except (Unreachable, Unauthorised):
            pass
    async with _discovery(search) as discovery:
        await asyncio.sleep(search.wait)
        if subnet:
            await discovery.look()
        return [_info(offer) for offer in sorted(discovery.found.values(), key=lambda offer: offer.name.casefold())]


def hello_here(config: Config, key: str) -> Hello:
    """Return the hello of a program at this user's node; without a nick it speaks as the owner."""
    return Hello(version=VERSION, client="script", nick=config.nick, token=key)


class _NotHere(Exception):
    """No node of this machine has the room."""


@asynccontextmanager
async def _room(
    url: str, hello: Hello, name: str, *, create: bool, node: str = ""
) -> AsyncIterator[tuple[Connection, RoomInfo]]:
    async with dial(url, hello, node=node) as connection:
        opened = await patiently(partial(connection.ask, Open(name=name, create=create), Opened))
        yield connection, opened.room


@asynccontextmanager
async def _at_host(search: Lookup, name: str, *, create: bool) -> AsyncIterator[tuple[Connection, RoomInfo]]:
    """Connect to the node at the host that was given: of a link with several addresses, at the first that answers."""
    last: Unreachable | None = None
    for url in _urls(search):
        reached = False
        try:
            async with _room(url, Hello(**_hello(search)), name, create=create) as room:
                reached = True
                _introduce(search, room[0])
                yield room
                return
        except Unreachable as error:
            if reached:
                raise
            last = error
    raise last or Unreachable()


async def _listed_at_host(search: Lookup) -> list[RoomInfo]:
    last: Unreachable | None = None
    for url in _urls(search):
        try:
            async with dial(url, Hello(**_hello(search, client="guest"))) as connection:
                _introduce(search, connection)
                return await _listed(connection)
        except Unreachable as error:
            last = error
    raise last or Unreachable()


@asynccontextmanager
async def _local_room(search: Lookup, name: str, *, create: bool) -> AsyncIterator[tuple[Connection, RoomInfo]]:
    node = runtime.read(search.config.data_dir)
    if node is None:
        raise _NotHere
    reached = False
    try:
        async with _room(node.window, hello_here(search.config, node.key), name, create=create) as room:
            reached = True
            yield room
    except (Unreachable, Unauthorised, NoSuchRoom):
        # The runtime file of a killed node stays behind; then there is nobody here.
        if reached:
            raise
        raise _NotHere from None


@asynccontextmanager
async def _network_room(search: Lookup, name: str) -> AsyncIterator[tuple[Connection, RoomInfo]]:
    offer = await _find(search, name)
    last: Unreachable | OtherNode | None = None
    for host in offer.addresses:
        reached = False
        try:
            url, hello = NodeAddress(host, offer.port).secure_url, Hello(**_hello(search))
            async with _room(url, hello, name, create=False, node=offer.by or offer.node.id) as room:
                reached = True
                yield room
                return
        except (Unreachable, OtherNode) as error:
            if reached:
                raise
            last = error
    raise last or Unreachable()


async def _find(search: Lookup, name: str) -> FoundRoom:
    changed = asyncio.Event()
    async with _discovery(search, changed) as discovery:
        try:
            async with asyncio.timeout(search.wait):
                while not (offers := [offer for offer in discovery.found.values() if offer.name == name]):
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            raise NoSuchRoom(
                f"No room called {name!r} was found on this machine or, in {search.wait:g} s, on the network."
            ) from None
        # As nodes choose; how many are in it is only claimed.
        return min(offers, key=lambda offer: (offer.by != "", offer.id))


@asynccontextmanager
async def _discovery(search: Lookup, changed: asyncio.Event | None = None) -> AsyncIterator[Discovery]:
    """Listen to the network without announcing anything."""
    changed = changed or asyncio.Event()
    discovery = Discovery(NodeInfo(id="", name=""), bind=search.config.bind, on_change=changed.set)
    await discovery.start(0)
    try:
        yield discovery
    finally:
        await discovery.close()


async def _listed(connection: Connection) -> list[RoomInfo]:
    async for reply in connection:
        if isinstance(reply, RoomList):
            return reply.rooms
    raise Unreachable(f"The node at {connection.url} ended the connection without an answer.")


def _hello(search: Lookup, *, client: str = "script", token: str = "") -> dict[str, Any]:
    # To the node of this machine, nobody in particular is its owner.
    nick = search.config.nick if token else search.config.default_nick
    return {"version": VERSION, "client": client, "nick": nick, "token": token}


def _urls(search: Lookup) -> list[str]:
    try:
        return [place.secure_url for place in NodeAddress.all_of(search.host)]
    except InvalidSetting as error:
        raise InvalidSetting(f"--host: {error}") from None


def _introduce(search: Lookup, connection: Connection) -> None:
    try:
        here = ipaddress.ip_address(NodeAddress.parse(search.host).host).is_loopback
    except ValueError:
        here = False
    if not here:
        search.on_stranger(search.host, connection.node)


def _info(offer: FoundRoom) -> RoomInfo:
    return RoomInfo(
        id=offer.id, name=offer.name, node=offer.node, kind="found", members=offer.members, top=0, online=not offer.by
    )
