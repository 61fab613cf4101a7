"""One client of ours each, and what it may command."""

from lanchat.sessions.client import ClientConsumer
from lanchat.sessions.comparing import ComparingDesk
from lanchat.sessions.context import LISTENERS, OWNERS, SessionContext
from lanchat.sessions.havens import keep_havens
from lanchat.sessions.hub import Hub
from lanchat.sessions.plain_lines import RoomConsumer

__all__ = [
    "LISTENERS",
    "OWNERS",
    "ClientConsumer",
    "ComparingDesk",
    "Hub",
    "RoomConsumer",
    "SessionContext",
    "keep_havens",
]
