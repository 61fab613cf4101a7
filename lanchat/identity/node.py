"""What a node is called by others: an id that stays with its database, and a name."""

import secrets

from lanchat.identity import names
from lanchat.identity.store import SettingStore
from lanchat.protocol import NodeInfo

_ID = "node"


async def identify(store: SettingStore, name: str) -> NodeInfo:
    """Return the node of this database, under its tidy name of now; it gets its id at its first start."""
    identity = (await store.settings()).get(_ID)
    if identity is None:
        identity = secrets.token_hex(16)
        await store.put_setting(_ID, identity)
    return NodeInfo(id=identity, name=names.node_name(name))
