"""The channel layers of this process, by alias."""

from lanchat.errors import LayerError
from lanchat.layers.base import BaseChannelLayer
from lanchat.layers.foreign import ForeignChannelLayer

channel_layers: dict[str, BaseChannelLayer] = {}
"""Every registered layer. Consumers find theirs by `channel_layer_alias`."""


def register_channel_layer(alias: str, layer: object) -> None:
    """Make `layer` known as `alias`, in place of the one that had the alias before.

    Args:
        alias: its name here.
        layer: one of ours, or a foreign one of Django Channels' specification, which is known as `ForeignChannelLayer`.

    Raises:
        LayerError: the alias is empty, or what is registered is no channel layer.
    """
    if not alias:
        raise LayerError("An alias needs at least one character.")
    channel_layers[alias] = layer if isinstance(layer, BaseChannelLayer) else ForeignChannelLayer(layer)


def unregister_channel_layer(alias: str) -> None:
    """Forget the layer called `alias`, if there is one."""
    channel_layers.pop(alias, None)


def get_channel_layer(alias: str = "default") -> BaseChannelLayer | None:
    """Return the layer called `alias`; None when there is none."""
    return channel_layers.get(alias)


def has_layers() -> bool:
    """Return whether any layer is registered."""
    return bool(channel_layers)
