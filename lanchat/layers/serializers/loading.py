"""The forms of messages for layers, loaded by those that have one: most programs register none and write none."""

from typing import TYPE_CHECKING

from lanchat.layers.serializers.registry import own_serializer

if TYPE_CHECKING:
    from lanchat.layers.serializers.forms import MessageForm


def form_of(name: str) -> "MessageForm | None":
    """Return how messages are written by this name; None for an empty one. Raises LayerError when nothing has it."""
    if not name:
        return None
    from lanchat.layers.serializers.forms import MessageForm  # noqa: PLC0415 - as above

    return MessageForm(name)


def own_form_of(name: str) -> "MessageForm | None":
    """Return the same where the program has registered the name; None for what is built in."""
    return form_of(name) if own_serializer(name) else None
