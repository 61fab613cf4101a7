"""The commands of the command line that need no window, each loaded by itself when it is called."""

from lanchat.commands import archives, clear, doctor, doors, forget, identity, limits, printing, serve, tail, talk

__all__ = [
    "archives",
    "clear",
    "doctor",
    "doors",
    "forget",
    "identity",
    "limits",
    "printing",
    "serve",
    "tail",
    "talk",
]
