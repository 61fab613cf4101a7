"""Who this node and its person are, by which keys, and what people and rooms may be called."""

from lanchat.identity import names
from lanchat.identity.certificate import NodeCertificate, fingerprint, node_id, signed_by_node
from lanchat.identity.keyring import Keyring
from lanchat.identity.keys import PersonKey, guest_id, is_guest_id, is_key_id, verify
from lanchat.identity.names import room_name
from lanchat.identity.node import identify
from lanchat.identity.owner import Owner
from lanchat.identity.proof import fresh_nonce, is_proven, prove
from lanchat.identity.statement import statement

__all__ = [
    "Keyring",
    "NodeCertificate",
    "Owner",
    "PersonKey",
    "fingerprint",
    "fresh_nonce",
    "guest_id",
    "identify",
    "is_guest_id",
    "is_key_id",
    "is_proven",
    "names",
    "node_id",
    "prove",
    "room_name",
    "signed_by_node",
    "statement",
    "verify",
]
