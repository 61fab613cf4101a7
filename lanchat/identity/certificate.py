"""The certificate of a node, from which its id derives: who answers under another one is another node."""

import datetime as dt
import hashlib
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_YEARS = 20
"""How long a certificate is valid. Nobody looks at that: nodes know each other by what the certificate hashes to."""
_BEGIN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""Since when: machines without a network often have a clock that is wrong."""
_SHA256 = ec.ECDSA(hashes.SHA256())
MAX_CERTIFICATE = 2_048
"""Largest certificate of another node that is read, in bytes (DER); ours have about 400."""


class NodeCertificate:
    """A self-signed certificate and its key, on P-256, which browsers take as well.

    Args:
        private: the secret half.
        certificate: says what the public half is.

    Attributes:
        der: the certificate (DER).
        fingerprint: SHA-256 of that, in 64 hexadecimal digits.
        id: id of the node.
    """

    def __init__(self, private: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._private = private
        self._certificate = certificate
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.fingerprint = fingerprint(self.der)
        self.id = node_id(self.der)

    @classmethod
    def new(cls) -> Self:
        """Make a key and its certificate, which names nobody."""
        private = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lanchat")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_BEGIN)
            .not_valid_after(_BEGIN + dt.timedelta(days=365 * _YEARS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(private, hashes.SHA256())
        )
        return cls(private, certificate)

    @classmethod
    def parse(cls, pem: bytes) -> Self:
        """Read what `pem` gave. Raises ValueError or TypeError when it is something else."""
        private = serialization.load_pem_private_key(pem, None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("The key of the node is not on an elliptic curve.")
        return cls(private, x509.load_pem_x509_certificate(pem))

    @property
    def pem(self) -> bytes:
        """The secret key and the certificate, as `ssl.SSLContext.load_cert_chain` reads them."""
        key = self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + self._certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, statement: bytes) -> bytes:
        """Return a signature under a statement (ECDSA with SHA-256, DER)."""
        return self._private.sign(statement, _SHA256)


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate as browsers show it, in 64 hexadecimal digits."""
    return hashlib.sha256(der).hexdigest()


def node_id(der: bytes) -> str:
    """Return the id of the node with this certificate: the first 128 bits of its SHA-256, as 32 hexadecimal digits."""
    return fingerprint(der)[:32]


def signed_by_node(der: bytes, statement: bytes, signature: bytes) -> bool:
    """Return whether the node with this certificate signed the statement; False as well when it is none."""
    if len(der) > MAX_CERTIFICATE:
        return False
    try:
        public = x509.load_der_x509_certificate(der).public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        public.verify(signature, statement, _SHA256)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
