"""Nodes that are nothing but a certificate: what answers under it, and what proves it."""

import ssl
import tempfile
from pathlib import Path

from lanchat.identity import NodeCertificate
from lanchat.lan.connection import answering_context
from lanchat.protocol import NodeInfo

_CERTIFICATES: dict[str, NodeCertificate] = {}


def certified(name: str) -> NodeInfo:
    """Make a node with a certificate, which `certificate_of` gives."""
    made = NodeCertificate.new()
    _CERTIFICATES[made.id] = made
    return NodeInfo(id=made.id, name=name)


def certificate_of(node: str) -> NodeCertificate:
    """Return the certificate of a node that `certified` made."""
    return _CERTIFICATES[node]


def answering_as(certificate: NodeCertificate) -> ssl.SSLContext:
    """Return how a server answers under a certificate."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "node.pem"
        path.write_bytes(certificate.pem)
        return answering_context(path)
