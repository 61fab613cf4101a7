"""One connected client each: base classes that follow Django Channels, and the consumers that Lanchat is made of."""

from lanchat.consumers.base import AsyncConsumer, Scope, StopConsumer
from lanchat.consumers.http import AsyncHttpConsumer
from lanchat.consumers.json import AsyncJsonWebsocketConsumer
from lanchat.consumers.sync import JsonWebsocketConsumer, SyncConsumer, WebsocketConsumer
from lanchat.consumers.websocket import AcceptConnection, AsyncWebsocketConsumer, DenyConnection

__all__ = [
    "AcceptConnection",
    "AsyncConsumer",
    "AsyncHttpConsumer",
    "AsyncJsonWebsocketConsumer",
    "AsyncWebsocketConsumer",
    "DenyConnection",
    "JsonWebsocketConsumer",
    "Scope",
    "StopConsumer",
    "SyncConsumer",
    "WebsocketConsumer",
]
