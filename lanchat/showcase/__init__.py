"""The six systems of the Fast Channels tutorial, on our layers and consumers."""

from lanchat.showcase.analytics import AnalyticsConsumer
from lanchat.showcase.backgroundjob import BackgroundJobConsumer
from lanchat.showcase.chat import ChatConsumer
from lanchat.showcase.notifications import NotificationConsumer
from lanchat.showcase.reliable import ReliableChatConsumer
from lanchat.showcase.system import SystemConsumer

__all__ = [
    "AnalyticsConsumer",
    "BackgroundJobConsumer",
    "ChatConsumer",
    "NotificationConsumer",
    "ReliableChatConsumer",
    "SystemConsumer",
]
