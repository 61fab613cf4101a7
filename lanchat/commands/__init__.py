"""The commands of the command line that need no window, each loaded by itself when it is called."""

__all__ = [
    "archives",
    "doctor",
    "doors",
    "identity",
    "limits",
    "printing",
    "purge",
    "rooms",
    "serve",
    "tail",
    "talk",
    "windows",
]
