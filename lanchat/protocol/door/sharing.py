"""The frames by which people pass a room on: under which addresses a browser comes into it, and where the app is."""

import re
from typing import Literal

from lanchat.errors import InvalidFrame
from lanchat.protocol.limits import MAX_ADDRESS, MAX_PASSPHRASE
from lanchat.protocol.parts import AnswerFrame, CommandFrame, Part

NetworkKind = Literal["wifi", "cable", "vpn", "virtual", "direct", "loopback", "other"]
"""What an address leads to: Wi-Fi; a cable; a VPN; containers and virtual machines of this computer; whoever is on the
same cable or Wi-Fi where no router gives addresses (RFC 3927); nobody but this computer; a network of unknown kind."""
_code = re.compile(rf"[0-9A-Za-z_-]{{0,{MAX_PASSPHRASE}}}")


class OwnAddress(Part, frozen=True, omit_defaults=True):
    """One address of a node: the URL of its page, to what it leads, and how the system calls that network card."""

    url: str
    network: NetworkKind
    interface: str = ""


class Program(Part, frozen=True):
    """The program file that a node gives at `/app` of its room app: for which system and machine, and its SHA-256."""

    system: str
    machine: str
    name: str
    size: int
    sha256: str


class Share(CommandFrame, frozen=True, tag="share"):
    """Pass a room on: how does a browser come into it?

    `at` is the URL of the address to be used, one of those of an earlier answer; without it, or where the node has it
    no more, the best one is. `invitation` is the code of an invitation that the link shall carry; for who may make one.
    """

    room: str
    at: str = ""
    invitation: str = ""


class Shared(AnswerFrame, frozen=True, tag="shared"):
    """Answer to share: the link into the room, as a QR code as well, and from which of the `addresses` it was made.

    A window is told all addresses of the node, the best one first; a guest the one by which they came. `qr` has rows of
    0 and 1. `program` is left out where the node has no program file to give.
    """

    room: str
    link: str
    qr: list[str]
    at: str
    addresses: list[OwnAddress]
    program: Program | None = None


def check_share(share: Share) -> None:
    """Return if the fields of a command can be what they say. Raises InvalidFrame."""
    if len(share.at) > MAX_ADDRESS:
        raise InvalidFrame(f"share: at has at most {MAX_ADDRESS} characters.")
    if not _code.fullmatch(share.invitation):
        raise InvalidFrame(f"share: a code has letters, digits, _ and -, at most {MAX_PASSPHRASE}.")
