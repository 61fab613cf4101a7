"""One request to one address: is a node there, and what does it answer about itself?"""

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlencode

import aiohttp
import msgspec

from lanchat.errors import InvalidRoomName, Unreachable
from lanchat.identity import room_name
from lanchat.lan.connection import NodeAddress, Pin, dialling_context, host_header, server_name
from lanchat.lan.discovery.records import MAX_ADDRESSES, MAX_NODE_NAME, bounded, clean, is_id
from lanchat.protocol import Entry, NodeInfo, is_key_id, room_id

TIMEOUT = 2.0
"""Seconds for one answer."""
MAX_ANSWER = 262_144
"""Largest answer that is read, in bytes."""
_INSTANCE = 64
_NETWORK = len("255.255.255.255/32")
MAX_ANSWERED = 500
"""Most rooms of an answer that are looked at; nodes tell of 300, unless they are set otherwise."""
MAX_NETWORKS = 6
"""Most networks of an answer."""
MAX_TOLD = 32
"""Most other nodes of an answer, in what is told and in what is looked at."""


class AnsweredRoom(msgspec.Struct, frozen=True):
    """A room in a node's own list.

    `owner` and `salt` are given only where the id proves them. `home` is another node, which does not answer the one
    that introduces the room; `addresses` are where it did, as `host:port`.
    """

    id: str
    name: str
    members: int
    top: int = 0
    door: Entry = "open"
    owner: str = ""
    salt: str = ""
    home: NodeInfo | None = None
    addresses: tuple[str, ...] = ()


class ToldNode(msgspec.Struct, frozen=True):
    """Another node that answers the one that tells of it: its id, and as `host:port` where it answered."""

    id: str
    address: str


class Answer(msgspec.Struct, frozen=True):
    """What a node answers about itself at `/api/node`, and which others answer it.

    `instance` is another one in each run of a node. `networks` are its private IPv4 addresses, each with its prefix.
    """

    node: NodeInfo
    rooms: list[AnsweredRoom]
    instance: str = ""
    nodes: list[ToldNode] = []
    networks: list[str] = []

    def room(self, room_id: str) -> AnsweredRoom | None:
        """Return one room of the list, if it is in it."""
        return next((room for room in self.rooms if room.id == room_id), None)

    def has(self, room: AnsweredRoom) -> bool:
        """Return whether the node is the home of a room in its list, and does not only introduce it."""
        return room.home is None or room.home.id == self.node.id


class Probe(Protocol):
    """Asks one address whether a node is there."""

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
        """Return what the node with the id `node` answers at `address`; without an id, what whoever answers says.

        Args:
            address: where.
            port: TCP port.
            node: its id, or nothing.
            patience: seconds that it has for that.

        Raises:
            Unreachable: nobody answers there, not as a node does, or as another one.
        """


class HttpsProbe:
    """Asks over HTTPS: `GET /api/node`, no redirects, no proxy, no cookies, bounded in time and size.

    Who answers under another certificate than that of the node is asked nothing.

    Args:
        me: gives the id of this node and the port at which it answers, which those who are asked are told: they may
            have no other way to learn of it. None, or an empty id, tells nobody anything.
    """

    def __init__(self, me: Callable[[], tuple[str, int]] | None = None) -> None:
        self._me = me or (lambda: ("", 0))

    async def ask(
        self, address: str, port: int, node: str, patience: float = TIMEOUT, *, relayed: bool = True
    ) -> Answer:
        """Return what the node with the id `node` answers at `address`; without an id, what whoever answers says.

        Args:
            address: where.
            port: TCP port.
            node: its id, or nothing.
            patience: seconds that it has for that.
            relayed: whether it may answer through another machine, which hands us on to it.

        Raises:
            Unreachable: nobody answers there, not as a node does, or as another one.
        """
        answer = _read(await fetch(NodeAddress(address, port), node, self._question(), patience, relayed=relayed))
        if node and answer.node.id != node:
            raise Unreachable(f"The node at {NodeAddress(address, port)} answers under the id of another one.")
        return answer

    def _question(self) -> str:
        me, port = self._me()
        return f"api/node?{urlencode({'node': me, 'port': port})}" if me and port else "api/node"


async def fetch(
    address: NodeAddress, node: str, path: str, patience: float = TIMEOUT, *, relayed: bool = True
) -> bytes:
    """Return what a node answers to one GET: no redirects, no proxy, no cookies, bounded in time and size.

    Args:
        address: where to ask.
        node: id of the node that has to answer there; another one is asked nothing.
        path: what to ask for, with its query, without the slash before it.
        patience: seconds for all of it.
        relayed: whether it may answer through another machine.

    Raises:
        Unreachable: nobody answers there, not as a node does, or under another certificate.
    """
    url, pin = f"{address.secure_url}{path}", Pin(node)
    try:
        async with (
            # A connection for each question: a kept one would count against the other side's limits all day.
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=pin, force_close=True, use_dns_cache=False),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=patience),
                headers={"Accept-Encoding": "identity", **host_header(url)},
                auto_decompress=False,
                trust_env=False,
            ) as session,
            session.get(
                url,
                allow_redirects=False,
                ssl=dialling_context(),
                server_hostname=server_name(node) if relayed else None,
            ) as response,
        ):
            if response.status != 200:  # noqa: PLR2004
                raise Unreachable(f"{address} answers with status {response.status}.")
            return await _limited(response.content)
    except aiohttp.ServerFingerprintMismatch:
        raise Unreachable(f"Another machine answers at {address}: its key is another.") from None
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unreachable(f"Nobody answers at {address}.") from error
    finally:
        pin.close()


async def _limited(content: aiohttp.StreamReader) -> bytes:
    parts = bytearray()
    async for part in content.iter_chunked(65_536):
        parts += part
        if len(parts) > MAX_ANSWER:
            raise Unreachable("The answer of a node is too large.")
    return bytes(parts)


def _read(data: bytes) -> Answer:
    try:
        given = msgspec.json.decode(data, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreachable("The answer of a node is not of this protocol.") from None
    rooms = [room for room in map(_read_room, given.rooms[:MAX_ANSWERED]) if room is not None]
    networks = [network[:_NETWORK] for network in given.networks[:MAX_NETWORKS]]
    return Answer(_cleaned(given.node), rooms, given.instance[:_INSTANCE], given.nodes[:MAX_TOLD], networks)


def _cleaned(node: NodeInfo) -> NodeInfo:
    return NodeInfo(id=node.id, name=clean(node.name, MAX_NODE_NAME, node.id[:8]))


def _read_room(room: AnsweredRoom) -> AnsweredRoom | None:
    try:
        name = room_name(room.name)
    except InvalidRoomName:
        return None
    if not is_id(room.id) or (room.home is not None and not is_id(room.home.id)):
        return None
    proven = is_key_id(room.owner) and room_id(room.owner, room.salt) == room.id
    return AnsweredRoom(
        room.id,
        name,
        bounded(room.members),
        max(0, room.top),
        room.door,
        room.owner if proven else "",
        room.salt if proven else "",
        None if room.home is None else _cleaned(room.home),
        room.addresses[:MAX_ADDRESSES],
    )
