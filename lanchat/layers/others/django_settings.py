"""The channel layers of a Django project, by its setting CHANNEL_LAYERS."""

import importlib
import sys
from typing import Any, NamedTuple

from lanchat.layers.base import BaseChannelLayer
from lanchat.layers.errors import LayerError
from lanchat.layers.others.foreign import ForeignChannelLayer


class _Made(NamedTuple):
    made_of: object
    layer: BaseChannelLayer


_made: dict[str, _Made] = {}


def layer_by_settings(alias: str) -> BaseChannelLayer | None:
    """Return the layer that the settings of Django give this alias; None where no project with such an alias runs.

    Where Channels is installed in the project it is Channels' own object, so that both find the same one.

    Raises:
        LayerError: the setting cannot be used.
    """
    django = sys.modules.get("django.conf")
    if django is None or not django.settings.configured:
        return None
    config: dict[str, Any] | None = getattr(django.settings, "CHANNEL_LAYERS", {}).get(alias)
    if config is None:
        return None
    made_of: object = config
    if "channels" in django.settings.INSTALLED_APPS or "channels.layers" in sys.modules:
        made_of = importlib.import_module("channels.layers").channel_layers[alias]
    known = _made.get(alias)
    if known is None or known.made_of is not made_of:
        found = made_of if made_of is not config else _backend(alias, config)
        layer = found if isinstance(found, BaseChannelLayer) else ForeignChannelLayer(found)
        known = _made[alias] = _Made(made_of, layer)
    return known.layer


def _backend(alias: str, config: dict[str, Any]) -> object:
    path = config.get("BACKEND", "")
    module, _, name = path.rpartition(".")
    try:
        made: object = getattr(importlib.import_module(module), name)(**config.get("CONFIG", {}))
    except (ImportError, AttributeError, ValueError) as error:
        raise LayerError(f"CHANNEL_LAYERS[{alias!r}] cannot be made with the BACKEND {path!r}: {error}.") from error
    return made
