"""The channel layers of this process, by alias."""

from lanchat.errors import LayerError
from lanchat.layers.base import BaseChannelLayer

channel_layers: dict[str, BaseChannelLayer] = {}
"""Every registered layer. Consumers find theirs by `channel_layer_alias`."""


def register_channel_layer(alias: str, layer: BaseChannelLayer) -> None:
    """Make `layer` known as `alias`, in place of the one that had the alias before.

    Raises:
        LayerError: the alias is empty, or what is registered is no channel layer.
    """
    if not alias:
        raise LayerError("An alias needs at least one character.")
    if not isinstance(layer, BaseChannelLayer):
        raise LayerError(f"{type(layer).__name__} is no channel layer; derive it from BaseChannelLayer.")
    channel_layers[alias] = layer


def unregister_channel_layer(alias: str) -> None:
    """Forget the layer called `alias`, if there is one."""
    channel_layers.pop(alias, None)


def get_channel_layer(alias: str = "default") -> BaseChannelLayer | None:
    """Return the layer called `alias`; None when there is none."""
    return channel_layers.get(alias)


def has_layers() -> bool:
    """Return whether any layer is registered."""
    return bool(channel_layers)
