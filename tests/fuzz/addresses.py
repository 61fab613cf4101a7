"""Addresses that people type and paste, and hosts that requests name."""

import contextlib

from lanchat.errors import InvalidSetting
from lanchat.lan.connection import NodeAddress
from lanchat.layers import LayerError, layer_from_url
from lanchat.web.guard import host_is_ours

OWN = {"lanchat-0123abcd.local"}


def target(data: bytes) -> None:
    """Take the bytes for an address. Only InvalidSetting is raised, and what is read reads the same when written."""
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(InvalidSetting):
        address = NodeAddress.parse(text)
        assert NodeAddress.parse(str(address)) == address
        assert NodeAddress.parse(address.url) == address
    if host_is_ours(text, loopback=True):
        assert host_is_ours(text, loopback=False)
    host_is_ours(text, loopback=False, own_names=OWN)
    with contextlib.suppress(LayerError, TypeError):
        layer_from_url(text)
