"""Lanchat: the chat for a network without a server.

A script says something with `from lanchat import send, announce`; what they do stands in `lanchat.client`. They are
loaded when they are asked for, because the start of the program must not wait for them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lanchat.client import scripting

    announce, announce_async = scripting.announce, scripting.announce_async
    send, send_async = scripting.send, scripting.send_async

__version__ = "0.1.0"
__all__ = ["__version__", "announce", "announce_async", "send", "send_async"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from lanchat.client import scripting  # noqa: PLC0415 - see above

        return getattr(scripting, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
