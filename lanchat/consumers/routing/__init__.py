"""Which app takes which connection: by its path, by its protocol, and by a worker's channel."""

from lanchat.consumers.routing.paths import PathPattern, Route, route
from lanchat.consumers.routing.routers import ChannelNameRouter, ProtocolTypeRouter, URLRouter

__all__ = ["ChannelNameRouter", "PathPattern", "ProtocolTypeRouter", "Route", "URLRouter", "route"]
