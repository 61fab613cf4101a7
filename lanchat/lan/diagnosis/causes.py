"""What the facts mean: for each cause one sentence that a person understands, and what to do. Pure."""

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, ip_address
from typing import Any

from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.diagnosis.facts import Facts, Witness
from lanchat.lan.diagnosis.remedies import MDNS_PORT, let_out, open_port
from lanchat.protocol import Finding, NodeInfo

MOST_SKEW = 120.0
"""Seconds by which clocks may differ before it is said."""
_SAME_NAMES = 3

Rule = Callable[[Facts], Iterator[Finding]]


def diagnose(facts: Facts) -> list[Finding]:
    """Return what is wrong, the most important first; empty when nothing is.

    What follows from a cause is not named beside it: where the cable is out, no firewall is looked for.
    """
    for first in (_bound, _no_network, _no_ipv4):
        if found := list(first(facts)):
            return found
    found = [finding for rule in _RULES for finding in rule(facts)]
    ways = [finding for finding in found if finding.cause in _WAYS]
    return [*ways[:1], *(finding for finding in found if finding.cause not in _WAYS)] if ways else found


def tried(facts: Facts) -> list[str]:
    """Return what was tried to find that out, each as a sentence."""
    told = []
    for echo in facts.echoes:
        outcome = (
            "it was heard" if echo.heard else "it was not heard" if echo.sent else f"it did not leave: {echo.reason}"
        )
        told.append(f"Asked everybody on {echo.interface}; {outcome}.")
    asked = len(facts.witnesses) + len(facts.silent)
    if asked:
        whose = "its address" if asked == 1 else "their addresses"
        told.append(f"Asked {_machines(asked)} by {whose}; {len(facts.witnesses)} answered.")
    if facts.gateway:
        told.append(f"Asked the router at {facts.gateway}; {'it' if facts.gateway_answers else 'it never'} answered.")
    own = ", ".join(facts.reach.addresses)
    return [f"Looked for rooms from {own}." if own else "Looked for an address of this machine; there is none.", *told]


def _bound(facts: Facts) -> Iterator[Finding]:
    if not facts.bind or ip_address("127.0.0.1" if facts.bind == "localhost" else facts.bind).is_unspecified:
        return
    if not facts.reach.own:
        yield Finding(
            cause="bind_gone",
            sentence=f"Lanchat was told to use the address {facts.bind} only, and this machine does not have it now.",
            remedy="Start it without --bind, or with an address that this machine has: "
            + (", ".join(link.address for link in facts.links if _outward(link)) or "there is none"),
        )
    elif not any(map(_outward, facts.reach.own)):
        yield Finding(
            cause="bind_loopback",
            sentence=f"Lanchat was told to keep to this machine (--bind {facts.bind}).",
            remedy="Start it without --bind to meet others.",
        )


def _no_network(facts: Facts) -> Iterator[Finding]:
    if not any(_outward(link) for link in facts.links):
        yield Finding(
            cause="no_network",
            sentence="This machine is in no network.",
            remedy="Plug the cable in, or join the Wi-Fi. Lanchat notices by itself.",
        )


def _no_ipv4(facts: Facts) -> Iterator[Finding]:
    real = [link for link in facts.links if _outward(link) and not link.virtual]
    if real and not any(_is_ipv4(link.address) for link in real):
        yield Finding(
            cause="no_ipv4",
            sentence="This machine has no IPv4 address: the network gave it none.",
            remedy="Ask whoever runs the network, or set an address by hand; two machines on one cable do that by "
            "themselves when “link-local” is chosen in the network settings.",
        )


def _multicast_out(facts: Facts) -> Iterator[Finding]:
    if kept := [echo for echo in facts.echoes if not echo.sent]:
        yield Finding(
            cause="multicast_out_blocked",
            sentence=f"A firewall on this machine lets nothing out to everybody on {_names(kept)}, so nobody learns of "
            f"this machine.",
            remedy=f"Let UDP port {MDNS_PORT} (mDNS) out. One of these does it, as your firewall is:",
            commands=list(let_out(facts.system, MDNS_PORT)),
        )


def _multicast_in(facts: Facts) -> Iterator[Finding]:
    if deaf := [echo for echo in facts.echoes if echo.sent and not echo.heard]:
        yield Finding(
            cause="multicast_in_blocked",
            sentence=f"A firewall on this machine lets nothing in that is said to everybody on {_names(deaf)}, so this "
            f"machine learns of nobody.",
            remedy=f"Let UDP port {MDNS_PORT} (mDNS) in. One of these does it, as your firewall is:",
            commands=list(open_port(facts.system, MDNS_PORT, "udp")),
        )


def _multicast_lost(facts: Facts) -> Iterator[Finding]:
    if any(not echo.sent or not echo.heard for echo in facts.echoes):
        return
    near = [witness for witness in facts.witnesses if facts.reach.accepts(witness.address)]
    lost = [witness for witness in near if not witness.found or witness.hears is False]
    if lost and len(lost) == len(near):
        yield Finding(
            cause="multicast_lost",
            sentence=f"{lost[0].node.name} answers by its address, but the network does not carry what is said to "
            f"everybody: rooms are not found by themselves here.",
            remedy="Join by an address or by the code of a machine that is in the room. Whoever runs the Wi-Fi can "
            "turn multicast on (also called “mDNS”, “Bonjour” or “IGMP snooping with a querier”).",
        )


def _port_closed(facts: Facts) -> Iterator[Finding]:
    asked = [witness for witness in facts.witnesses if witness.reaches is not None]
    if facts.port and asked and not any(witness.reaches for witness in asked):
        yield Finding(
            cause="port_closed",
            sentence=f"{asked[0].node.name} cannot reach this machine at port {facts.port}: a firewall on this machine "
            f"keeps others out.",
            remedy=f"Let TCP port {facts.port} in. One of these does it, as your firewall is:",
            commands=list(open_port(facts.system, facts.port)),
        )


def _isolated(facts: Facts) -> Iterator[Finding]:
    near = [silent for silent in facts.silent if any(map(facts.reach.accepts, silent.addresses))]
    if near and not facts.witnesses and facts.gateway_answers:
        yield Finding(
            cause="client_isolation",
            sentence=f"The router at {facts.gateway} answers, but none of the {_machines(len(near))} known from before "
            f"does: the Wi-Fi seems to keep its members apart.",
            remedy="Whoever runs it can turn “client isolation”, “AP isolation” or “guest mode” off. Until then a "
            "phone's hotspot or a cable brings you together.",
        )


def _vpn(facts: Facts) -> Iterator[Finding]:
    if any(witness.found for witness in facts.witnesses):
        return
    if tunnel := next((link for link in facts.links if link.address == facts.route and link.virtual), None):
        yield Finding(
            cause="vpn",
            sentence=f"A VPN ({tunnel.interface}) takes everything that leaves this machine, perhaps also what is for "
            f"the machines beside it.",
            remedy="Turn the VPN off, or allow it “access to the local network”, and look again.",
        )


def _other_subnet(facts: Facts) -> Iterator[Finding]:
    known: list[tuple[NodeInfo, tuple[str, ...]]] = [(each.node, (each.address,)) for each in facts.witnesses]
    known += [(silent.node, silent.addresses) for silent in facts.silent]
    far = [(node, addresses) for node, addresses in known if not any(map(facts.reach.accepts, addresses))]
    if far and len(far) == len(known):
        node, addresses = far[0]
        yield Finding(
            cause="other_subnet",
            sentence=f"{node.name} is at {addresses[0]}, in another part of the network than this machine "
            f"({', '.join(facts.reach.addresses)}): rooms are found by themselves within one part only.",
            remedy="Join the same Wi-Fi or cable as the others, or join by the address or the code of one of them.",
        )


def _clock(facts: Facts) -> Iterator[Finding]:
    off = [witness for witness in facts.witnesses if abs(witness.skew) > MOST_SKEW]
    if off and len(off) == len(facts.witnesses):
        worst = max(off, key=lambda witness: abs(witness.skew))
        way = "behind" if worst.skew > 0 else "ahead of"
        yield Finding(
            cause="clock",
            sentence=f"The clock of this machine is {_time(abs(worst.skew))} {way} that of {worst.node.name}.",
            remedy="Set the clock, or have it set by the network. Messages keep their order, but show a wrong time.",
        )


def _older(facts: Facts) -> Iterator[Finding]:
    for witness in _first(facts.witnesses, lambda witness: witness.version != facts.version):
        older, other = (witness.node.name, "this one") if witness.version < facts.version else ("This machine", "it")
        yield Finding(
            cause="other_version",
            sentence=f"{witness.node.name} runs another version of Lanchat; they do not understand each other.",
            remedy=f"{older} has the older one: bring it to the version of {other}.",
        )


def _namesakes(facts: Facts) -> Iterator[Finding]:
    same = [w for w in facts.witnesses if w.node.name == facts.node.name and w.node.id != facts.node.id]
    for witness in same[:_SAME_NAMES]:
        yield Finding(
            cause="same_name",
            sentence=f"The machine at {witness.address} is called {facts.node.name} as well; people cannot tell the "
            f"two apart.",
            remedy="Give one of them another name:",
            commands=["lanchat --name NAME"],
        )


def _clones(facts: Facts) -> Iterator[Finding]:
    if facts.twin:
        yield Finding(
            cause="cloned",
            sentence=f"The machine at {facts.twin} has the keys of this one: its data was copied, and everybody takes "
            f"the two for one.",
            remedy="If this machine is the copy, give it keys of its own, and start Lanchat again. If the other one is "
            "the copy, do it there.",
            button="renew",
        )


_RULES: tuple[Rule, ...] = (
    _vpn,
    _multicast_out,
    _multicast_in,
    _isolated,
    _other_subnet,
    _multicast_lost,
    _port_closed,
    _clock,
    _older,
    _clones,
    _namesakes,
)
_WAYS = frozenset({"vpn", "multicast_out_blocked", "multicast_in_blocked", "client_isolation", "other_subnet"})
"""Why nobody is found: the first that holds is enough."""


def _outward(link: InterfaceAddress) -> bool:
    return not ip_address(link.address).is_loopback


def _is_ipv4(address: str) -> bool:
    return isinstance(ip_address(address), IPv4Address)


def _names(echoes: Iterable[Any]) -> str:
    return ", ".join(dict.fromkeys(echo.interface for echo in echoes))


def _machines(number: int) -> str:
    return "one machine" if number == 1 else f"{number} machines"


def _first(witnesses: Iterable[Witness], holds: Callable[[Witness], bool]) -> list[Witness]:
    found = next(filter(holds, witnesses), None)
    return [] if found is None else [found]


def _time(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
