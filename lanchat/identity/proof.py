"""How a node that dials another one proves which node it is: by a signature that is good for this one connection."""

import base64
import binascii
import secrets

from lanchat.identity.certificate import MAX_CERTIFICATE, NodeCertificate, node_id, signed_by_node
from lanchat.identity.statement import measured

_FORM = "lanchat link 1"
_NONCE = 32


def fresh_nonce() -> str:
    """Return 256 random bits, base64url without padding: 43 characters."""
    return to_text(secrets.token_bytes(_NONCE))


def prove(certificate: NodeCertificate, server: str, room: str, nonces: tuple[str, str]) -> tuple[str, str]:
    """Return a node's certificate and its signature, both base64url without padding.

    Args:
        certificate: of the node that dials.
        server: fingerprint of the certificate under which the other side answered in TLS. So a proof is good for
            nobody else: who stands in between has another certificate.
        room: id of the room that the connection is for.
        nonces: of the node that dials, and of the other side.
    """
    signature = certificate.sign(_statement(server, room, nonces, certificate.id))
    return to_text(certificate.der), to_text(signature)


def is_proven(node: str, server: str, room: str, nonces: tuple[str, str], proof: tuple[str, str]) -> bool:
    """Return whether a proof shows that who dials is the node with this id; False as well for what is no proof.

    Args:
        node: the id that is claimed.
        server: fingerprint of our own certificate.
        room: id of the room that the connection is for.
        nonces: of the node that dials, and ours.
        proof: its certificate and its signature, as `prove` gives them.
    """
    try:
        der, signature = (_data(text) for text in proof)
    except (ValueError, binascii.Error):
        return False
    return node_id(der) == node and signed_by_node(der, _statement(server, room, nonces, node), signature)


def to_text(data: bytes) -> str:
    """Return data as base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _data(text: str) -> bytes:
    if len(text) > 2 * MAX_CERTIFICATE:
        raise ValueError(f"A proof has at most {2 * MAX_CERTIFICATE} characters.")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _statement(server: str, room: str, nonces: tuple[str, str], node: str) -> bytes:
    return measured(_FORM, server, room, *nonces, node)
