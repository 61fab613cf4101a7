"""The secret keys of a node and of its person, in two files of the data directory that nobody else can read."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lanchat.errors import DataDirUnusable
from lanchat.identity.certificate import NodeCertificate
from lanchat.identity.keys import PersonKey

FOLDER = "keys"
"""Where they lie in the data directory."""


class Keyring(msgspec.Struct, frozen=True):
    """The keys of one node.

    Attributes:
        person: the person's.
        node: the node's, with its certificate.
        path: the file of the node's key and certificate (PEM), for TLS.
    """

    person: PersonKey
    node: NodeCertificate
    path: Path

    @classmethod
    def load(cls, data_dir: Path) -> Self:
        """Return the keys of a data directory; they are made at the first start.

        Raises:
            DataDirUnusable: they cannot be read or written, or what is there is damaged.
        """
        folder = data_dir / FOLDER
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            person = _kept(folder / "person.pem", lambda: _person_pem(PersonKey.new()))
            node = _kept(folder / "node.pem", lambda: NodeCertificate.new().pem)
            return cls(_person(person), NodeCertificate.parse(node), folder / "node.pem")
        except OSError as error:
            reason = error.strerror or str(error)
            raise DataDirUnusable(f"The keys in {folder} cannot be used: {reason}.") from None
        except (ValueError, TypeError):
            raise DataDirUnusable(
                f"The keys in {folder} are damaged. Bring them back from a copy, or move the folder away: "
                "then this node and its person begin anew, under other ids."
            ) from None


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what a file holds; a file that is missing is made, whole or not at all."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    made = make()
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
