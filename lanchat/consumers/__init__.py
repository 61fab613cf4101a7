"""One connected client each: base classes that follow Django Channels, and the consumers that Lanchat is made of."""

from lanchat.consumers.base import AsyncConsumer, Scope
from lanchat.consumers.websocket import AcceptConnection, AsyncWebsocketConsumer, DenyConnection

__all__ = ["AcceptConnection", "AsyncConsumer", "AsyncWebsocketConsumer", "DenyConnection", "Scope"]
