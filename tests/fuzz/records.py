"""TXT records of strangers, as they come in a packet of mDNS (RFC 6763, section 6)."""

from zeroconf import ServiceInfo

from lanchat.identity import room_name
from lanchat.lan.discovery.records import MAX_ADDRESSES, MAX_LABEL, MAX_MEMBERS, SERVICE, Advert, label, read


def target(data: bytes) -> None:
    """Take the bytes for a port and a TXT record. Nothing is raised; what is accepted is within all bounds."""
    port, text = int.from_bytes(data[:2], "big"), data[2:]
    pairs = ServiceInfo(SERVICE, f"x.{SERVICE}", properties=text).properties
    addresses = [f"192.0.2.{byte}" for byte in data[:8]]
    for given in (pairs, _valid(text)):
        found = read(port, addresses, given, lambda address: True)
        if found is None:
            continue
        assert room_name(found.name) == found.name
        assert 0 <= found.members <= MAX_MEMBERS
        assert 0 < len(found.addresses) <= MAX_ADDRESSES
        assert found.node.name.isprintable()
        assert len(label(Advert(found.id, found.name, 1, introduced=True), found.node).encode()) <= MAX_LABEL


def _valid(text: bytes) -> dict[bytes, bytes | None]:
    """Return a record whose ids are right, so that what else is in it is looked at."""
    name, _, rest = text.partition(b"\0")
    node, _, members = rest.partition(b"\0")
    return {b"v": b"1", b"id": b"a" * 32, b"node": b"b" * 32, b"n": name, b"nn": node, b"m": members}
