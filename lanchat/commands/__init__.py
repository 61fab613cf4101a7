"""The commands of the command line that need no window, each loaded by itself when it is called."""

from lanchat.commands import archives, doctor, doors, forget, identity, limits, printing, purge, serve, tail, talk

__all__ = [
    "archives",
    "doctor",
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
