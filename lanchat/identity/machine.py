"""Which machine this is, so that keys which came here by a copy are noticed: a lab's image, a folder from elsewhere."""

import hashlib
import logging
import sys
from pathlib import Path
from typing import Self

import msgspec

_log = logging.getLogger(__name__)

_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_CARDS = Path("/sys/class/net")
_REMOTE = ("nfs", "cifs", "smb", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "9p", "ncpfs", "davfs", "lustre")
_OCTETS = 6
_MULTICAST_OR_LOCAL = 0x03


class Machine(msgspec.Struct, frozen=True):
    """What a machine is known by. Kept as hashes, which tell nobody else anything.

    Attributes:
        id: of its operating system; empty when that has none.
        cards: the addresses of its network cards that their makers gave (IEEE 802, universally administered). Those of
            virtual cards, and those that are made up for each network, say nothing of a machine.
    """

    id: str = ""
    cards: frozenset[str] = frozenset()

    @classmethod
    def here(cls, salt: str) -> Self:
        """Return this machine. `salt` keeps two files of one machine from being compared."""
        given = _system_id()
        return cls(_hash(salt, given) if given else "", frozenset(_hash(salt, card) for card in _cards()))

    def is_same(self, other: "Machine") -> bool:
        """Return whether both are one machine.

        A card in common says so, also after the system was installed anew. Without one, machines that both have cards
        are two, whatever their ids are: an image takes the id along. Else the id tells, as far as it is known.
        """
        if self.cards & other.cards:
            return True
        if self.cards and other.cards:
            return False
        return not (self.id and other.id) or self.id == other.id

    def with_cards_of(self, other: "Machine") -> "Machine":
        """Return this machine, with the cards as well that it had before: some come and go."""
        return Machine(self.id, self.cards | other.cards)


def is_remote(folder: Path) -> bool:
    """Return whether a folder lies on another machine, so that it is used from several without being copied."""
    import psutil  # noqa: PLC0415 - programs that only look for a node need none

    try:
        there = folder.resolve()
        mounts = [(Path(part.mountpoint), part.fstype.lower()) for part in psutil.disk_partitions(all=True)]
    except (OSError, psutil.Error):
        return False
    holding = [(len(mount.parts), kind) for mount, kind in mounts if there.is_relative_to(mount)]
    return bool(holding) and max(holding)[1].startswith(_REMOTE)


def is_here(address: str) -> bool:
    """Return whether an IP address is one of this machine."""
    import psutil  # noqa: PLC0415 - as above

    own = (entry.address for entries in psutil.net_if_addrs().values() for entry in entries)
    return any(address.partition("%")[0] == known.partition("%")[0] for known in own)


def read(path: Path) -> Machine | None:
    """Return the machine that a file remembers; None when it remembers none, or nothing that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Machine)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        _log.warning("On which machine the keys were made cannot be read: %s", error)
        return None


def _hash(salt: str, text: str) -> str:
    return hashlib.sha256(f"lanchat machine 1\n{salt}\n{text}".encode()).hexdigest()[:32]


def _system_id() -> str:
    if sys.platform == "win32":
        return _windows_id()
    for path in _IDS:
        try:
            text = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text:
            return text
    return ""


def _windows_id() -> str:
    import winreg  # noqa: PLC0415 - Windows only

    try:
        with winreg.OpenKey(  # type: ignore[attr-defined,unused-ignore]
            winreg.HKEY_LOCAL_MACHINE,  # type: ignore[attr-defined,unused-ignore]
            r"SOFTWARE\Microsoft\Cryptography",
        ) as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return ""


def _cards() -> set[str]:
    import psutil  # noqa: PLC0415 - as above

    addresses = {
        name: entry.address.lower().replace("-", ":")
        for name, entries in psutil.net_if_addrs().items()
        for entry in entries
        if entry.family == psutil.AF_LINK
    }
    return {address for name, address in addresses.items() if _is_universal(address) and _is_built_in(name)}


def _is_universal(address: str) -> bool:
    try:
        octets = bytes.fromhex(address.replace(":", ""))
    except ValueError:
        return False
    return len(octets) == _OCTETS and any(octets) and not octets[0] & _MULTICAST_OR_LOCAL


def _is_built_in(name: str) -> bool:
    """Return whether a card belongs to this machine: on Linux neither a virtual one nor a dock's."""
    if not _CARDS.is_dir():
        return True
    device = _CARDS / name / "device"
    return device.exists() and "usb" not in str(device.resolve())
