"""What a node finds out about its network, and about where it is itself."""

from typing import Literal

import msgspec

from lanchat.protocol.parts import AnswerFrame, CommandFrame, Frame, NodeInfo, Part


class Finding(Part, frozen=True):
    """One thing that is wrong with the network, as seen from a node.

    Attributes:
        cause: a word for programs, as `port_closed`.
        sentence: what is wrong.
        remedy: what to do about it.
        commands: what to type, one of them or all, as the remedy says.
        button: what the node does itself when it is asked to: `renew` is the command of that name.
    """

    cause: str
    sentence: str
    remedy: str
    commands: list[str] = msgspec.field(default_factory=list)
    button: Literal["", "renew"] = ""


class Diagnose(CommandFrame, frozen=True, tag="diagnose"):
    """Find out why nobody is found. For windows and scripts of the person whose node it is."""


class Renew(CommandFrame, frozen=True, tag="renew"):
    """Have the node set its keys aside and make new ones when it starts next: another machine has the same.

    For windows and scripts of the person whose node it is.
    """


class BridgeRoom(CommandFrame, frozen=True, tag="bridge"):
    """Pass a room whose home is at another machine on from one network of this machine to another, or no more.

    For windows and scripts of the person whose node it is.
    """

    room: str
    on: bool = True


class Diagnosis(AnswerFrame, frozen=True, tag="diagnosis"):
    """Answer to diagnose: what is wrong, the most important first, and what was tried to find that out."""

    findings: list[Finding]
    tried: list[str]


class Look(CommandFrame, frozen=True, tag="look"):
    """Look for other nodes: at an `address`, or without one at each address of the own subnets, those near at most.

    For windows and scripts of the person whose node it is. What is there is in the list of rooms from then on.
    """

    address: str = ""


class Looked(AnswerFrame, frozen=True, tag="looked"):
    """Answer to look: which nodes answered, and at how many addresses was looked for them."""

    nodes: list[NodeInfo]
    asked: int


class Whereabouts(Frame, frozen=True, tag="whereabouts"):
    """The `address` at which a browser on the network joins is another one; it replaces that of the welcome.

    Sent to windows of the person whose node it is.
    """

    address: str
