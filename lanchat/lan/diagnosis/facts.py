"""What an examination of the network finds out, before anybody judges it."""

import msgspec

from lanchat.lan.addresses import InterfaceAddress, Reach
from lanchat.protocol import NodeInfo


class Echo(msgspec.Struct, frozen=True):
    """What became of a question that was sent to everybody through one interface.

    Attributes:
        interface: through which.
        sent: whether the system let it out.
        heard: whether a second socket of this machine heard it, as the sockets of others would.
        reason: what the system said when it did not let it out.
    """

    interface: str
    sent: bool
    heard: bool
    reason: str = ""


class Witness(msgspec.Struct, frozen=True):
    """What another node answered when it was asked by its address.

    Attributes:
        node: which one it is; its certificate proves the id.
        address: where it answered.
        version: of the protocol that it speaks; 0 when it is too old to say.
        skew: seconds by which its clock is ahead of ours.
        found: whether we found it by multicast.
        hears: whether it has found us by multicast; None when it does not say, or we announce nothing.
        reaches: whether it can reach our port; None when it did not try.
    """

    node: NodeInfo
    address: str
    version: int
    skew: float
    found: bool
    hears: bool | None = None
    reaches: bool | None = None


class Silent(msgspec.Struct, frozen=True):
    """A node that is known from before, and did not answer at any of its addresses."""

    node: NodeInfo
    addresses: tuple[str, ...]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found out.

    Attributes:
        system: `linux`, `darwin` or `win32`.
        node: this node.
        version: of the protocol that it speaks.
        port: TCP port of its room app; 0 when it does not run.
        bind: the one address that it was told to use; empty for all.
        links: the addresses of all interfaces that are up.
        reach: which of them are used.
        route: source address of what leaves for elsewhere; empty when nothing can.
        gateway: address of the router; empty when there is none, or this system does not say.
        gateway_answers: whether it does; None when that cannot be told.
        echoes: of each interface that is used.
        witnesses: who answered.
        silent: who did not.
        twin: where another machine answers that has the keys of this one; empty where none does.
    """

    system: str
    node: NodeInfo
    version: int
    port: int
    bind: str
    links: tuple[InterfaceAddress, ...]
    reach: Reach
    route: str = ""
    gateway: str = ""
    gateway_answers: bool | None = None
    echoes: tuple[Echo, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    silent: tuple[Silent, ...] = ()
    twin: str = ""
