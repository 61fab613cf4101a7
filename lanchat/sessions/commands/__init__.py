"""What a client may command, by topic; `table.py` binds each command to its handler and to what the gate is asked."""

from lanchat.sessions.commands.table import TABLE, Binding, obey

__all__ = [
    "TABLE",
    "Binding",
    "obey",
]
