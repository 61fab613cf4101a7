"""Asking another node what it sees of us: one question, by its address."""

import time
from urllib.parse import urlencode

import msgspec

from lanchat.errors import Unreachable
from lanchat.lan.connection import NodeAddress
from lanchat.lan.diagnosis.facts import Witness
from lanchat.lan.discovery import HttpsProbe, fetch
from lanchat.protocol import NodeInfo

PATH = "api/reach"
PATIENCE = 4.0
"""Seconds for an answer: whoever is asked dials back meanwhile."""


class Reached(msgspec.Struct, frozen=True):
    """What a node answers to the question.

    Attributes:
        version: of the protocol that it speaks.
        at: its clock, in milliseconds since 1970-01-01T00:00Z.
        hears: whether it has found the one who asks by multicast.
        reaches: whether it reached the port that it was asked to try; None when it was not, or is too busy to.
    """

    version: int
    at: int
    hears: bool = False
    reaches: bool | None = None


async def ask(address: NodeAddress, node: NodeInfo, me: str, port: int, *, found: bool, announces: bool) -> Witness:
    """Return what a node sees of us.

    Args:
        address: where it is asked.
        node: the node that has to answer.
        me: id of this node; empty when it does not run.
        port: of this node's room app, to be tried from there; 0 for none.
        found: whether we found it by multicast.
        announces: whether we announce something that it could have heard.

    Raises:
        Unreachable: it does not answer there.
    """
    query = urlencode({"node": me, "port": port} if me and port else {})
    before = time.time()
    try:
        answer = msgspec.json.decode(await fetch(address, node.id, f"{PATH}?{query}", PATIENCE), type=Reached)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Unreachable(f"The answer of the node at {address} is not of this protocol.") from None
    except Unreachable:
        # A version that does not know the question still answers who it is.
        answered = await HttpsProbe().ask(address.host, address.port, node.id)
        return Witness(answered.node, address.host, version=0, skew=0.0, found=found)
    skew = answer.at / 1000 - (before + time.time()) / 2
    hears = answer.hears if me and announces else None
    return Witness(node, address.host, answer.version, skew, found, hears, answer.reaches)
