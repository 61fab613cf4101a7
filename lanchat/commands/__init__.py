"""The commands of the command line that need no window, each loaded by itself when it is called."""

from lanchat.commands import archives, doors, limits, serve, tail, talk

__all__ = [
    "archives",
    "doors",
    "limits",
    "serve",
    "tail",
    "talk",
]
