"""The channel layers of this process, by alias."""

from lanchat.layers.base import BaseChannelLayer
from lanchat.layers.errors import LayerError
from lanchat.layers.others import ForeignChannelLayer, layer_by_settings

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
    """Return the layer called `alias`; None when there is none.

    In a Django project that is also what CHANNEL_LAYERS says, where nothing is registered under that name. Raises
    LayerError when that cannot be used.
    """
    return channel_layers.get(alias) or layer_by_settings(alias)


def has_layers() -> bool:
    """Return whether any layer is registered."""
    return bool(channel_layers)
