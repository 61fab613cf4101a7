"""What a node is called by others: an id that derives from its certificate, and a name."""

from lanchat.identity import names
from lanchat.identity.keyring import Keyring
from lanchat.identity.store import SettingStore
from lanchat.protocol import NodeInfo

_ID = "node"


async def identify(store: SettingStore, keyring: Keyring, name: str) -> NodeInfo:
    """Return the node of this database, under its tidy name of now.

    A database that another certificate used before, or none, belongs to this one from now on: it is a copy that was
    brought back, or one from before nodes had certificates. The rooms whose home it was stay at home. But where that
    other one lives on, at another machine, its rooms have their home there, and this node keeps mirrors of them.
    """
    node = NodeInfo(id=keyring.node.id, name=names.node_name(name))
    former = (await store.settings()).get(_ID)
    if former != node.id:
        if former is not None and former not in keyring.former:
            await store.adopt(former, node)
        await store.put_setting(_ID, node.id)
    return node
