"""Lanchat: the chat for a network without a server.

A script says something with `from lanchat import send, announce`; what they do stands in `lanchat.scripting`. They are
loaded when they are asked for, because the start of the program must not wait for them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lanchat.scripting import announce, announce_async, send, send_async

__version__ = "0.1.0"
__all__ = ["__version__", "announce", "announce_async", "send", "send_async"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from lanchat import scripting  # noqa: PLC0415 - see above

        return getattr(scripting, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
