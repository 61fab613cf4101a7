"""How a message travels between consumers: channels, groups, and the layers that carry both.

The model and the names are those of Django Channels and Fast Channels. A layer is at most once: what must not be
lost is numbered and kept by a journal, and the layer only wakes. Nothing here knows what a chat is.
"""

from lanchat.layers.base import BaseChannelLayer, Message, Receiver
from lanchat.layers.memory import InMemoryChannelLayer
from lanchat.layers.registry import (
    channel_layers,
    get_channel_layer,
    has_layers,
    register_channel_layer,
    unregister_channel_layer,
)

__all__ = [
    "BaseChannelLayer",
    "InMemoryChannelLayer",
    "Message",
    "Receiver",
    "channel_layers",
    "get_channel_layer",
    "has_layers",
    "register_channel_layer",
    "unregister_channel_layer",
]
