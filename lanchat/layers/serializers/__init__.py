"""How values become bytes: formats by name, and how messages are written in them.

`forms` is loaded by layers that write messages; the one in memory hands them on as they are.
"""

from lanchat.layers.serializers.loading import form_of, own_form_of
from lanchat.layers.serializers.registry import Serializer, get_serializer, own_serializer, register_serializer

__all__ = [
    "Serializer",
    "form_of",
    "forms",
    "get_serializer",
    "own_form_of",
    "own_serializer",
    "register_serializer",
]
