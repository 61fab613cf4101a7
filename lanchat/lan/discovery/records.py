"""The records by which a node announces its rooms over mDNS, and what it accepts of others' records (RFC 6763).

Everything read here is a hint by a stranger: it is checked, cleaned and limited, and never an identity.
"""

import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

import msgspec

from lanchat.errors import InvalidRoomName, InvalidSetting
from lanchat.identity import names, room_name
from lanchat.lan.addresses import mdns_name, with_zone
from lanchat.lan.connection import NodeAddress
from lanchat.protocol import Entry, NodeInfo

SERVICE = "_lanchat._tcp.local."
"""The DNS-SD type of a room."""
TXT_VERSION = "1"
MAX_LABEL = 63
"""Longest label of a DNS name, in bytes (RFC 1035)."""
MAX_NODE_NAME = 63
"""Longest name of a node, in bytes of UTF-8."""
MAX_ROOM_NAME_BYTES = 160
"""Bytes of the longest name that a room can have: 40 code points of four bytes."""
MAX_TXT = 1_024
"""Largest TXT record that is looked at, in bytes; our own stay below 400, as RFC 6763 advises."""
MAX_ADDRESSES = 4
"""Most addresses of one node that are tried."""
MAX_MEMBERS = 9_999
PORTS = range(1_024, 65_536)
"""Ports that a hint may name: it may not send us to a system service."""

_ID = re.compile(r"[0-9a-f]{32}")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Advert(msgspec.Struct, frozen=True):
    """A room of this node, as others are to see it; `introduced` when it has its home at another one."""

    id: str
    name: str
    members: int
    introduced: bool = False


class FoundRoom(msgspec.Struct, frozen=True):
    """A room of another node; as a hint without an id, only that node itself.

    Attributes:
        id: random id of the room, 32 hexadecimal digits.
        name: name of the room.
        node: the node that is its home.
        addresses: on-link addresses of that node, IPv4 first; of the one that introduced the room, if one did.
        port: TCP port of its room app.
        members: how many people are in the room.
        top: the highest seq that its home has announced; 0 when nothing was posted there, as far as is known.
        door: how one comes in, as its home answers.
        owner: id of the person who opened it; empty where the room's id does not prove it.
        salt: what proves it.
        by: id of the node that introduced it while its home is away; empty when its home answers.
        at: where its home answered that node, as `host:port`, as far as that is on-link; empty when its home answers.
    """

    id: str
    name: str
    node: NodeInfo
    addresses: tuple[str, ...]
    port: int
    members: int
    top: int = 0
    door: Entry = "open"
    owner: str = ""
    salt: str = ""
    by: str = ""
    at: tuple[str, ...] = ()


class Endpoint(msgspec.Struct, frozen=True):
    """Where hints say that a node answers: its id, its addresses to try, and its TCP port."""

    node: str
    addresses: tuple[str, ...]
    port: int

    @classmethod
    def of(cls, room: FoundRoom) -> "Endpoint":
        """Return the endpoint of the node that is home to `room`."""
        return cls(room.node.id, room.addresses, room.port)


class Service(msgspec.Struct, frozen=True):
    """One instance as a node announces it, without its addresses.

    Attributes:
        label: the instance's own part of its name.
        server: the host name under which the node's addresses stand.
        port: TCP port of the room app.
        txt: pairs of the TXT record.
    """

    label: str
    server: str
    port: int
    txt: dict[str, str]


def label(advert: Advert, node: NodeInfo) -> str:
    """Return the instance label of a room of a node: `Name (id6)`, at most 63 bytes of UTF-8, with no dot.

    Where the room is only introduced, it is `Name (id6-node6)`: several nodes may do so at once. Avahi and macOS do not
    list an instance whose label has a dot when it was registered through python-zeroconf.
    """
    tail = f" ({advert.id[:6]}-{node.id[:6]})" if advert.introduced else f" ({advert.id[:6]})"
    return clean(advert.name.replace(".", "-"), MAX_LABEL - len(tail), "Room") + tail


def is_instance_of(instance: str, room: str, node: str) -> bool:
    """Return whether the full name of an instance is that of a room of a node, by how their ids begin."""
    return instance.endswith((f" ({room[:6]}).{SERVICE}", f" ({room[:6]}-{node[:6]}).{SERVICE}"))


def service(advert: Advert, node: NodeInfo, port: int) -> Service:
    """Return what `node` announces about one of its rooms. The TXT record stays below 400 bytes.

    The host name is not the machine's own: that belongs to the system, which would rename itself over it.
    """
    txt = {
        "v": TXT_VERSION,
        "id": advert.id,
        "node": node.id,
        "nn": clean(node.name, MAX_NODE_NAME, "lanchat"),
        "n": advert.name.encode()[:MAX_ROOM_NAME_BYTES].decode("utf-8", "ignore"),
        "m": str(bounded(advert.members)),
    }
    return Service(label(advert, node), f"{mdns_name(node.id)}.", port, txt)


def read(
    port: int | None,
    addresses: Iterable[str],
    pairs: Mapping[bytes, bytes | None],
    accepts: Callable[[str], bool],
) -> FoundRoom | None:
    """Read one resolved instance, or give None when it is nothing that we would dial.

    Args:
        port: from the SRV record.
        addresses: from the A and AAAA records of its host.
        pairs: from the TXT record, as bytes.
        accepts: says whether an address is near, such as `Reach.accepts`.
    """
    if sum(len(key) + len(value or b"") for key, value in pairs.items()) > MAX_TXT:
        return None
    given = {_text(key): _text(value) for key, value in pairs.items() if value is not None}
    named = {with_zone(address) for address in addresses}
    near = sorted(filter(accepts, named), key=lambda text: ("%" in text, ":" in text, text))
    room, node = given.get("id", ""), given.get("node", "")
    if given.get("v") != TXT_VERSION or not (is_id(room) and is_id(node)):
        return None
    if not near or port is None or port not in PORTS:
        return None
    try:
        name = room_name(given.get("n", ""))
    except InvalidRoomName:
        return None
    return FoundRoom(
        id=room,
        name=name,
        node=NodeInfo(id=node, name=clean(given.get("nn", ""), MAX_NODE_NAME, node[:8])),
        addresses=tuple(near[:MAX_ADDRESSES]),
        port=port,
        members=_number(given.get("m", "")),
    )


def nearby(addresses: Iterable[str], accepts: Callable[[str], bool]) -> tuple[str, ...]:
    """Return those of some addresses, `host:port` by a stranger, that we would dial.

    Args:
        addresses: as they were told.
        accepts: as in `read`.
    """
    found = []
    for text in addresses:
        with contextlib.suppress(InvalidSetting):
            address = NodeAddress.parse(text)
            if accepts(address.host) and address.port in PORTS:
                found.append(str(address))
    return tuple(found)


def is_id(text: str) -> bool:
    """Return whether `text` has the form of a random id of a node or room."""
    return _ID.fullmatch(text) is not None


def bounded(members: int) -> int:
    """Return a number of members that a list can show."""
    return max(0, min(MAX_MEMBERS, members))


def clean(text: str, limit: int, fallback: str) -> str:
    """Make one visible line of NFC text out of anything.

    Args:
        text: what a stranger wrote.
        limit: most bytes of UTF-8; the cut falls between two characters.
        fallback: given when nothing visible is left.
    """
    # A name of a few hundred characters is cut anyway: do not normalise a megabyte for it.
    seen = names.tame(unicodedata.normalize("NFC", text[: 4 * limit])).replace("\N{REPLACEMENT CHARACTER}", " ")
    seen = "".join(" " if unicodedata.category(character) in _UNSEEN else character for character in seen)
    line = " ".join(seen.split()).encode()[:limit].decode("utf-8", "ignore").strip()
    return line or fallback


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _number(text: str) -> int:
    return bounded(int(text)) if re.fullmatch(r"[0-9]{1,9}", text) else 0
