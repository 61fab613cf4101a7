"""What clients are told when they want to pass a room on."""

from functools import partial

import msgspec

from lanchat.identity import Keyring
from lanchat.lan import mdns_name, own_addresses
from lanchat.lan.connection import NodeAddress
from lanchat.node import Node
from lanchat.protocol import OwnAddress
from lanchat.sessions import SessionContext
from lanchat.web.sharing.program import ProgramFile


def with_ways(context: SessionContext, node: Node, program: ProgramFile) -> SessionContext:
    """Return what clients meet at a door, with the ways to this node and the program file that it gives."""
    return msgspec.structs.replace(
        context,
        own_addresses=partial(_addresses, node),
        program=program.describe,
        renew=partial(Keyring.ask_renewal, node.config.data_dir),
    )


def _addresses(node: Node) -> list[OwnAddress]:
    return [
        OwnAddress(
            url=NodeAddress(address or mdns_name(node.info.id), node.network.port).url,
            network=network,
            interface=interface,
        )
        for address, network, interface in own_addresses(node.config.bind)
    ]
