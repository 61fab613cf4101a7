"""Layers that others have made or chosen: of the specification of Channels, and by the settings of Django."""

from lanchat.layers.others.django_settings import layer_by_settings
from lanchat.layers.others.foreign import ForeignChannelLayer

__all__ = ["ForeignChannelLayer", "layer_by_settings"]
