"""The channel layers of this process, by alias."""

from lanchat.layers.base import BaseChannelLayer
from lanchat.layers.errors import LayerError
from lanchat.layers.others import ForeignChannelLayer, layer_by_settings


class ChannelLayerRegistry(dict[str, BaseChannelLayer]):
    """The layers by alias: a dict, with what the registry of Fast Channels has besides."""

    def register(self, alias: str, layer: object) -> None:
        """Make `layer` known as `alias`. Args and errors are those of `register_channel_layer`."""
        if not alias:
            raise LayerError("An alias needs at least one character.")
        self[alias] = layer if isinstance(layer, BaseChannelLayer) else ForeignChannelLayer(layer)

    def unregister(self, alias: str) -> None:
        """Forget the layer called `alias`, if there is one."""
        self.pop(alias, None)

    def list_aliases(self) -> list[str]:
        """Return every alias, in the order of registering."""
        return list(self)


channel_layers = ChannelLayerRegistry()
"""Every registered layer. Consumers find theirs by `channel_layer_alias`."""


def register_channel_layer(alias: str, layer: object) -> None:
    """Make `layer` known as `alias`, in place of the one that had the alias before.

    Args:
        alias: its name here.
        layer: one of ours, or a foreign one of Django Channels' specification, which is known as `ForeignChannelLayer`.

    Raises:
        LayerError: the alias is empty, or what is registered is no channel layer.
    """
    channel_layers.register(alias, layer)


def unregister_channel_layer(alias: str) -> None:
    """Forget the layer called `alias`, if there is one."""
    channel_layers.unregister(alias)


def get_channel_layer(alias: str = "default") -> BaseChannelLayer | None:
    """Return the layer called `alias`; None when there is none.

    In a Django project that is also what CHANNEL_LAYERS says, where nothing is registered under that name. Raises
    LayerError when that cannot be used.
    """
    return channel_layers.get(alias) or layer_by_settings(alias)


def has_layers() -> bool:
    """Return whether any layer is registered."""
    return bool(channel_layers)
