"""The commands of the command line that need no window, each loaded by itself when it is called."""

from lanchat.commands import archives, limits, serve, tail, talk

__all__ = [
    "archives",
    "limits",
    "serve",
    "tail",
    "talk",
]
