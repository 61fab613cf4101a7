"""How a program without a node looks for what is wrong with the network."""

import asyncio

from lanchat.client.find import Lookup
from lanchat.lan.diagnosis import Doctor
from lanchat.lan.discovery import Discovery
from lanchat.protocol import Diagnosis, NodeInfo


async def diagnose(search: Lookup) -> Diagnosis:
    """Return what is wrong with the network, as far as a program can tell that no other machine knows.

    Args:
        search: `wait` says for how long it looks for others, `bind` through which interface.
    """
    nobody = NodeInfo(id="", name="")
    discovery = Discovery(nobody, bind=search.config.bind, on_change=lambda: None)
    await discovery.start(0)
    try:
        await asyncio.sleep(search.wait)
        return await Doctor(nobody, discovery, (), search.config.bind).diagnose()
    finally:
        await discovery.close()
