"""How a message travels between consumers: channels, groups, and the layers that carry both.

The model and the names are those of Django Channels and Fast Channels. A layer is at most once: what must not be
lost is numbered and kept by a journal, and the layer only wakes. Nothing here knows what a chat is.
"""

from lanchat.layers.aliases import make_layers, setup_layers
from lanchat.layers.base import BaseChannelLayer
from lanchat.layers.errors import (
    ChannelFull,
    InvalidMessage,
    LayerError,
    LayerUnreachable,
    LibraryError,
    MessageTooLarge,
)
from lanchat.layers.mailbox import Receiver
from lanchat.layers.memory import InMemoryChannelLayer
from lanchat.layers.message import Message
from lanchat.layers.others import ForeignChannelLayer
from lanchat.layers.overflow import Overflow
from lanchat.layers.registry import (
    ChannelLayerRegistry,
    channel_layers,
    get_channel_layer,
    has_layers,
    register_channel_layer,
    unregister_channel_layer,
)
from lanchat.layers.serializers import Serializer, get_serializer, register_serializer
from lanchat.layers.statistics import Statistics
from lanchat.layers.throttled_log import ThrottledLog
from lanchat.layers.url import layer_from_url

__all__ = [
    "BaseChannelLayer",
    "ChannelFull",
    "ChannelLayerRegistry",
    "ForeignChannelLayer",
    "InMemoryChannelLayer",
    "InvalidMessage",
    "LayerError",
    "LayerUnreachable",
    "LibraryError",
    "Message",
    "MessageTooLarge",
    "Overflow",
    "Receiver",
    "Serializer",
    "Statistics",
    "ThrottledLog",
    "channel_layers",
    "get_channel_layer",
    "get_serializer",
    "has_layers",
    "layer_from_url",
    "make_layers",
    "register_channel_layer",
    "register_serializer",
    "setup_layers",
    "unregister_channel_layer",
]
