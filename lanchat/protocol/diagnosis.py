"""What a node finds out about its network, and about where it is itself."""

import msgspec

from lanchat.protocol.parts import AnswerFrame, CommandFrame, Frame, Part


class Finding(Part, frozen=True):
    """One thing that is wrong with the network, as seen from a node.

    Attributes:
        cause: a word for programs, as `port_closed`.
        sentence: what is wrong.
        remedy: what to do about it.
        commands: what to type, one of them or all, as the remedy says.
    """

    cause: str
    sentence: str
    remedy: str
    commands: list[str] = msgspec.field(default_factory=list)


class Diagnose(CommandFrame, frozen=True, tag="diagnose"):
    """Find out why nobody is found. For windows and scripts of the person whose node it is."""


class Diagnosis(AnswerFrame, frozen=True, tag="diagnosis"):
    """Answer to diagnose: what is wrong, the most important first, and what was tried to find that out."""

    findings: list[Finding]
    tried: list[str]


class Whereabouts(Frame, frozen=True, tag="whereabouts"):
    """The `address` at which a browser on the network joins is another one; it replaces that of the welcome.

    Sent to windows of the person whose node it is.
    """

    address: str
