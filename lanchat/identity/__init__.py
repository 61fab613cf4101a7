"""Who this node and its person are, by which keys, and what people and rooms may be called."""

from lanchat.identity import names
from lanchat.identity.certificate import NodeCertificate, fingerprint, node_id, signed_by_node
from lanchat.identity.crowd import Crowd
from lanchat.identity.disk import was_brought_back
from lanchat.identity.keyring import COPIED, Keyring
from lanchat.identity.keys import PersonKey, verify
from lanchat.identity.names import room_name
from lanchat.identity.node import identify
from lanchat.identity.owner import Owner
from lanchat.identity.proof import fresh_nonce, is_proven, prove
from lanchat.identity.seal import Seal, check, check_all, is_ballot, is_carrier, is_owner, shown
from lanchat.identity.statement import statement
from lanchat.identity.store import SettingStore
from lanchat.identity.twin import TwinWatch

__all__ = [
    "COPIED",
    "Crowd",
    "Keyring",
    "NodeCertificate",
    "Owner",
    "PersonKey",
    "Seal",
    "SettingStore",
    "TwinWatch",
    "check",
    "check_all",
    "fingerprint",
    "fresh_nonce",
    "identify",
    "is_ballot",
    "is_carrier",
    "is_owner",
    "is_proven",
    "names",
    "node_id",
    "prove",
    "room_name",
    "shown",
    "signed_by_node",
    "statement",
    "verify",
    "was_brought_back",
]
