"""Events and messages as msgspec structs: a handler that is annotated with one gets one."""

from lanchat.consumers.typed.annotations import annotated_with, structs_in
from lanchat.consumers.typed.events import message_of, typed

__all__ = ["annotated_with", "message_of", "structs_in", "typed"]
