"""The commands of the command line that need no window, each loaded by itself when it is called."""

from lanchat.commands import archives, doors, forget, identity, limits, printing, purge, serve, tail, talk

__all__ = [
    "archives",
    "doors",
    "forget",
    "identity",
    "limits",
    "printing",
    "purge",
    "serve",
    "tail",
    "talk",
]
