"""What a node is called by others: an id that derives from its certificate, and a name."""

from lanchat.identity import names
from lanchat.identity.certificate import NodeCertificate
from lanchat.identity.store import SettingStore
from lanchat.protocol import NodeInfo

_ID = "node"


async def identify(store: SettingStore, certificate: NodeCertificate, name: str) -> NodeInfo:
    """Return the node of this database, under its tidy name of now.

    A database that another certificate used before, or none, belongs to this one from now on: it is a copy that was
    brought back, or one from before nodes had certificates. The rooms whose home it was stay at home.
    """
    node = NodeInfo(id=certificate.id, name=names.node_name(name))
    former = (await store.settings()).get(_ID)
    if former != node.id:
        if former is not None:
            await store.adopt(former, node)
        await store.put_setting(_ID, node.id)
    return node
