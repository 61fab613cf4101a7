"""Finding out what this machine and the nodes that it knows see of the network."""

import asyncio
import sys
from collections.abc import Iterable
from ipaddress import ip_address

import msgspec

from lanchat.errors import InvalidSetting, Unreachable
from lanchat.lan.addresses import Reach, outward_address, reach, read_links
from lanchat.lan.connection import NodeAddress
from lanchat.lan.diagnosis import router
from lanchat.lan.diagnosis.facts import Echo, Facts, Silent, Witness
from lanchat.lan.diagnosis.multicast import hear_oneself
from lanchat.lan.diagnosis.witness import ask
from lanchat.lan.machine import gateway as default_gateway
from lanchat.protocol import VERSION, NodeInfo

MOST_ASKED = 8
"""Most nodes that are asked."""
MOST_ADDRESSES = 3
"""Most addresses of one node that are tried."""


class Acquaintance(msgspec.Struct, frozen=True):
    """A node that could answer.

    Attributes:
        node: which one.
        addresses: where it was, each as `host:port`.
        found: whether the network named it by itself, now.
    """

    node: NodeInfo
    addresses: tuple[str, ...]
    found: bool = False


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """What is examined.

    Attributes:
        node: this node; without an id when none runs.
        port: TCP port of its room app; 0 when none runs.
        bind: the one address that it was told to use; empty for all.
        announces: whether it announces a room.
        known: who could be asked.
        twin: where a machine was seen just now that has the keys of this one; empty where none was.
    """

    node: NodeInfo
    port: int = 0
    bind: str = ""
    announces: bool = False
    known: tuple[Acquaintance, ...] = ()
    twin: str = ""


async def examine(patient: Patient) -> Facts:
    """Find out what can be found out, in at most about five seconds. It changes nothing, here or elsewhere."""
    links = tuple(await asyncio.to_thread(read_links))
    there = reach(links, patient.bind)
    gateway = default_gateway()
    answers, echoes, words = await asyncio.gather(
        router.answers(gateway), _echoes(there), _ask_all(patient, _chosen(patient.known, there))
    )
    return Facts(
        system=sys.platform,
        node=patient.node,
        version=VERSION,
        port=patient.port,
        bind=patient.bind,
        links=links,
        reach=there,
        route=outward_address(),
        gateway=gateway,
        gateway_answers=answers,
        echoes=echoes,
        witnesses=tuple(word for word in words if isinstance(word, Witness)),
        silent=tuple(word for word in words if isinstance(word, Silent)),
        twin=patient.twin,
    )


async def _echoes(there: Reach) -> tuple[Echo, ...]:
    used = {link.interface: link.address for link in there.own if ip_address(link.address).version == 4}  # noqa: PLR2004
    return tuple(await asyncio.gather(*(hear_oneself(name, address) for name, address in used.items())))


def _chosen(known: Iterable[Acquaintance], there: Reach) -> list[Acquaintance]:
    """Return who is asked: whom the network names first, then who is near."""

    def rank(each: Acquaintance) -> tuple[bool, bool]:
        return not each.found, not any(there.accepts(address.host) for address in _places(each))

    by_node: dict[str, Acquaintance] = {}
    for each in sorted(filter(_places, known), key=rank):
        by_node.setdefault(each.node.id, each)
    return list(by_node.values())[:MOST_ASKED]


def _places(each: Acquaintance) -> list[NodeAddress]:
    places = []
    for address in each.addresses:
        try:
            places.append(NodeAddress.parse(address, here=True))
        except InvalidSetting:
            continue
    return places


async def _ask_all(patient: Patient, chosen: Iterable[Acquaintance]) -> list[Witness | Silent]:
    return await asyncio.gather(*(_ask(patient, each) for each in chosen))


async def _ask(patient: Patient, each: Acquaintance) -> Witness | Silent:
    """Ask one node at all of its addresses at once; the first answer counts."""
    places = _places(each)[:MOST_ADDRESSES]
    questions = [
        asyncio.ensure_future(
            ask(place, each.node, patient.node.id, patient.port, found=each.found, announces=patient.announces)
        )
        for place in places
    ]
    try:
        for answered in asyncio.as_completed(questions):
            try:
                return await answered
            except Unreachable:
                continue
    finally:
        for question in questions:
            question.cancel()
        await asyncio.gather(*questions, return_exceptions=True)
    return Silent(each.node, tuple(place.host for place in places))
