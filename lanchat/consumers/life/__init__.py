"""What runs a consumer: its handlers, its channel, its connection, and the threads of those that block."""

from lanchat.consumers.life.handlers import Handlers, Threads
from lanchat.consumers.life.life import Life, not_connected
from lanchat.consumers.life.socket_life import SocketLife
from lanchat.consumers.life.threads import in_thread, spare_transactions
from lanchat.consumers.life.view import LifeView

__all__ = ["Handlers", "Life", "LifeView", "SocketLife", "Threads", "in_thread", "not_connected", "spare_transactions"]
