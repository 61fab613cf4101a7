"""Facts of a network on which nothing is wrong, to take something away from."""

from typing import Any

from lanchat.lan.addresses import InterfaceAddress, reach
from lanchat.lan.diagnosis.facts import Echo, Facts, Silent, Witness
from lanchat.protocol import VERSION, NodeInfo

HERE = NodeInfo(id="a" * 32, name="Desk")
THERE = NodeInfo(id="b" * 32, name="Lab")
LOOPBACK = InterfaceAddress("lo", 1, "127.0.0.1", 8)
CARD = InterfaceAddress("eth0", 2, "192.0.2.5", 24)
TUNNEL = InterfaceAddress("tun0", 3, "198.51.100.7", 32, virtual=True)
HEARD = Echo("eth0", sent=True, heard=True)


def witness(**more: Any) -> Witness:
    """Somebody with whom all is well, except for `more`."""
    well: dict[str, Any] = {
        "node": THERE,
        "address": "192.0.2.9",
        "version": VERSION,
        "skew": 0.2,
        "found": True,
        "hears": True,
        "reaches": True,
    }
    return Witness(**well | more)


def silent(*addresses: str) -> Silent:
    """Somebody who did not answer."""
    return Silent(THERE, addresses or ("192.0.2.9",))


def facts(*links: InterfaceAddress, bind: str = "", **more: Any) -> Facts:
    """A network as it should be, with one other node, except for `links` and `more`."""
    present = links or (LOOPBACK, CARD)
    well: dict[str, Any] = {
        "system": "linux",
        "node": HERE,
        "version": VERSION,
        "port": 28_280,
        "bind": bind,
        "links": present,
        "reach": reach(present, bind),
        "route": "192.0.2.5",
        "gateway": "192.0.2.1",
        "gateway_answers": True,
        "echoes": (HEARD,),
        "witnesses": (witness(),),
    }
    return Facts(**well | more)
