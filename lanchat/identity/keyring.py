"""The secret keys of a node and of its person, in two files of the data directory that nobody else can read."""

import contextlib
import datetime as dt
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lanchat.errors import DataDirUnusable
from lanchat.identity import machine
from lanchat.identity.certificate import NodeCertificate
from lanchat.identity.keys import PersonKey

FOLDER = "keys"
"""Where they lie in the data directory."""
COPIED = (
    "This data was copied here from another machine, so Lanchat has begun anew under keys of its own: two machines "
    "cannot be one. The rooms that have their home there are kept here as mirrors. If you have moved to this machine "
    "for good, end Lanchat and run: lanchat identity restore"
)
"""What the owner is told when the keys in the data directory belong to another machine."""
_PERSON, _NODE, _MACHINE = "person.pem", "node.pem", "machine.json"
_FORMER, _REPLACED = "former", "replaced"
_RENEWAL = "renew"
"""A mark in the folder: at the next start the keys are set aside."""


class Keyring(msgspec.Struct, frozen=True):
    """The keys of one node.

    Attributes:
        person: the person's.
        node: the node's, with its certificate.
        path: the file of the node's key and certificate (PEM), for TLS.
        former: ids of nodes whose keys came here by a copy and were set aside: another machine has them.
        is_new_here: whether that was now.
    """

    person: PersonKey
    node: NodeCertificate
    path: Path
    former: frozenset[str] = frozenset()
    is_new_here: bool = False

    @classmethod
    def load(cls, data_dir: Path) -> Self:
        """Return the keys of a data directory; they are made at the first start.

        Keys that were made on another machine came by a copy, and are in use there: they are set aside.

        Raises:
            DataDirUnusable: they cannot be read or written, or what is there is damaged.
        """
        folder = data_dir / FOLDER
        with _readable(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            kept = _node_in(folder)
            moved = kept is not None and not _is_from_here(folder, kept)
            renewal = folder / _RENEWAL
            if moved or (kept is not None and renewal.exists()):
                _set_aside(folder, _FORMER)
            renewal.unlink(missing_ok=True)  # only now: a crash before it leaves the keys set aside, and no new ones
            person = _kept(folder / _PERSON, lambda: _person_pem(PersonKey.new()))
            node = NodeCertificate.parse(_kept(folder / _NODE, lambda: NodeCertificate.new().pem))
            _remember_machine(folder, node)
            return cls(_person(person), node, folder / _NODE, _former(folder), moved)

    @classmethod
    def peek(cls, data_dir: Path) -> Self:
        """Return the keys of a data directory as they are. Raises DataDirUnusable, also when there are none yet."""
        folder = data_dir / FOLDER
        with _readable(folder):
            node = _node_in(folder)
            if node is None:
                raise DataDirUnusable(f"There are no keys in {folder} yet; they are made when Lanchat starts.")
            return cls(_person((folder / _PERSON).read_bytes()), node, folder / _NODE, _former(folder))

    @classmethod
    def renew(cls, data_dir: Path) -> Self:
        """Set the keys aside, as those of another machine, and make new ones. Nobody else may use the data directory.

        Raises:
            DataDirUnusable: there are none, or they cannot be moved.
        """
        cls.peek(data_dir)
        folder = data_dir / FOLDER
        with _readable(folder):
            _set_aside(folder, _FORMER)
        return cls.load(data_dir)

    @staticmethod
    def ask_renewal(data_dir: Path) -> None:
        """Have the keys set aside and new ones made when the node starts next. Raises DataDirUnusable."""
        folder = data_dir / FOLDER
        with _readable(folder):
            (folder / _RENEWAL).touch(mode=0o600)

    @classmethod
    def restore(cls, data_dir: Path) -> Self:
        """Take the keys again that were set aside last: this machine is where they belong now.

        What this node was meanwhile goes over to them. Nobody else may use the data directory.

        Raises:
            DataDirUnusable: nothing was set aside, or it cannot be read.
        """
        folder = data_dir / FOLDER
        with _readable(folder):
            found = sorted(folder.glob(f"{_FORMER}-*"))
            if not found:
                raise DataDirUnusable(f"No keys were set aside in {folder}, so there are none to take again.")
            node = _node_in(found[-1])
            if node is None:
                raise DataDirUnusable(f"There are no keys of a node in {found[-1]}.")
            _set_aside(folder, _REPLACED)
            for name in (_PERSON, _NODE):
                (found[-1] / name).replace(folder / name)
            (found[-1] / _MACHINE).unlink(missing_ok=True)
            found[-1].rmdir()
            _remember_machine(folder, node)
        return cls.peek(data_dir)


@contextlib.contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Say in a sentence why the keys in a folder cannot be used. Raises DataDirUnusable."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataDirUnusable(f"The keys in {folder} cannot be used: {reason}.") from None
    except (ValueError, TypeError):
        raise DataDirUnusable(
            f"The keys in {folder} are damaged. Bring them back from a copy, or move the folder away: "
            "then this node and its person begin anew, under other ids."
        ) from None


def _node_in(folder: Path) -> NodeCertificate | None:
    try:
        return NodeCertificate.parse((folder / _NODE).read_bytes())
    except FileNotFoundError:
        return None


def _is_from_here(folder: Path, node: NodeCertificate) -> bool:
    """Return whether the keys in a folder were made on this machine, as far as that is known."""
    known = machine.read(folder / _MACHINE)
    return known is None or known.is_same(machine.Machine.here(node.id)) or machine.is_remote(folder)


def _remember_machine(folder: Path, node: NodeCertificate) -> None:
    here, known = machine.Machine.here(node.id), machine.read(folder / _MACHINE)
    if known is not None and known.is_same(here):
        here = here.with_cards_of(known)
    if here != known:
        _write(folder / _MACHINE, msgspec.json.encode(here, order="deterministic"))


def _set_aside(folder: Path, why: str) -> None:
    """Move the keys in a folder into one below it."""
    day = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    names = (folder / f"{why}-{day}-{number:03}" for number in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    aside.mkdir(mode=0o700)
    for name in (_PERSON, _NODE, _MACHINE):  # the machine last: until then it is known whose the others are
        with contextlib.suppress(FileNotFoundError):
            (folder / name).replace(aside / name)


def _former(folder: Path) -> frozenset[str]:
    nodes = (_node_in(aside) for aside in folder.glob(f"{_FORMER}-*"))
    return frozenset(node.id for node in nodes if node is not None)


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what a file holds; a file that is missing is made, whole or not at all."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return _write(path, make())


def _write(path: Path, made: bytes) -> bytes:
    """Write a file whole or not at all, readable by its owner only."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return made


def _person(pem: bytes) -> PersonKey:
    private = serialization.load_pem_private_key(pem, None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("The key of the person is not an Ed25519 key.")
    return PersonKey(private)


def _person_pem(key: PersonKey) -> bytes:
    return key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
