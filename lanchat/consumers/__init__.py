"""Channels' consumers: one object for each connected client, on any ASGI server or on aiohttp.

The names and their meaning are those of Django Channels and Fast Channels. Nothing here knows a chat, and nothing here
imports a server: `aiohttp` is the adapter to aiohttp's, loaded by those who use it.
"""

from lanchat.consumers.base import AsyncConsumer
from lanchat.consumers.errors import (
    AcceptConnection,
    ClientGone,
    ConsumerError,
    DenyConnection,
    HandlerCancelled,
    NoHandler,
    NotConnected,
    NotLoadable,
    StopConsumer,
    TooManyUsers,
    WorkerStuck,
)
from lanchat.consumers.http import AsyncHttpConsumer
from lanchat.consumers.json import AsyncJsonWebsocketConsumer
from lanchat.consumers.limits import SocketLimits
from lanchat.consumers.outbox import LIMIT, SLOW, Fanout, Outbox, abort, binary_frame, text_frame
from lanchat.consumers.scope import Scope
from lanchat.consumers.socket import Socket
from lanchat.consumers.structured import TypedWebsocketConsumer
from lanchat.consumers.sync import JsonWebsocketConsumer, SyncConsumer, WebsocketConsumer
from lanchat.consumers.timer_wheel import TimerWheel
from lanchat.consumers.websocket import AsyncWebsocketConsumer, SocketConsumer

__all__ = [
    "LIMIT",
    "SLOW",
    "AcceptConnection",
    "AsyncConsumer",
    "AsyncHttpConsumer",
    "AsyncJsonWebsocketConsumer",
    "AsyncWebsocketConsumer",
    "ClientGone",
    "ConsumerError",
    "DenyConnection",
    "Fanout",
    "HandlerCancelled",
    "JsonWebsocketConsumer",
    "NoHandler",
    "NotConnected",
    "NotLoadable",
    "Outbox",
    "Scope",
    "Socket",
    "SocketConsumer",
    "SocketLimits",
    "StopConsumer",
    "SyncConsumer",
    "TimerWheel",
    "TooManyUsers",
    "TypedWebsocketConsumer",
    "WebsocketConsumer",
    "WorkerStuck",
    "abort",
    "binary_frame",
    "text_frame",
]
