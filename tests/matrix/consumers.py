# mypy: ignore-errors
"""What people write for Django Channels, with the imports changed: one consumer for each thing that it needs."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from lanchat.consumers import (
    AsyncConsumer,
    AsyncHttpConsumer,
    AsyncJsonWebsocketConsumer,
    AsyncWebsocketConsumer,
    StopConsumer,
    WebsocketConsumer,
)

_log = logging.getLogger(__name__)


class Fell(Exception):
    """What the consumers here raise when they are asked to."""


class Tutorial(WebsocketConsumer):
    """Part 2 of the tutorial of Channels: a chat of plain functions."""

    def connect(self):
        self.room_name = self.scope["url_route"]["kwargs"]["room_name"]
        self.room_group_name = f"chat_{self.room_name}"
        async_to_sync(self.channel_layer.group_add)(self.room_group_name, self.channel_name)
        self.accept()

    def disconnect(self, close_code):
        async_to_sync(self.channel_layer.group_discard)(self.room_group_name, self.channel_name)

    def receive(self, text_data):
        message = json.loads(text_data)["message"]
        event = {"type": "chat.message", "message": message}
        async_to_sync(self.channel_layer.group_send)(self.room_group_name, event)

    def chat_message(self, event):
        self.send(text_data=json.dumps({"message": event["message"]}))


class Async(AsyncWebsocketConsumer):
    """Part 3 of it: the same, asynchronous."""

    async def connect(self):
        self.room_group_name = f"async_{self.scope['url_route']['kwargs']['room_name']}"
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code):
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data):
        message = json.loads(text_data)["message"]
        await self.channel_layer.group_send(self.room_group_name, {"type": "chat.message", "message": message})

    async def chat_message(self, event):
        await self.send(text_data=json.dumps({"message": event["message"]}))


class Large(AsyncWebsocketConsumer):
    """Sends much to a client that reads it."""

    async def receive(self, text_data=None, bytes_data=None):
        count, size = json.loads(text_data)
        for number in range(count):
            await self.send(f"{number}:".ljust(size, "x"))


class Flood(AsyncWebsocketConsumer):
    """Passes large messages on to a group, some of whose members do not read."""

    async def connect(self):
        self.group = f"flood_{self.scope['url_route']['kwargs']['room_name']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send("in")

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send(self.group, {"type": "flood.wave", "text": text_data})

    async def flood_wave(self, event):
        await self.send(event["text"] * 20)


class Raising(AsyncWebsocketConsumer):
    """Raises where the path says, with what the client has sent."""

    async def _fall(self, where, what=""):
        if self.scope["url_route"]["kwargs"]["room_name"] == where:
            raise Fell(f"{where} {what}")

    async def dispatch(self, message):
        if message["type"] == "websocket.receive":
            await self._fall("dispatch", message["text"])
        await super().dispatch(message)

    async def websocket_receive(self, message):
        await self._fall("websocket_receive", message["text"])
        await super().websocket_receive(message)

    async def receive(self, text_data=None, bytes_data=None):
        await self._fall("receive", text_data)
        await self.send(text_data)

    async def send(self, text_data=None, bytes_data=None, close=False):
        await self._fall("send", text_data)
        await super().send(text_data, bytes_data, close)


class RaisingAnywhere(AsyncJsonWebsocketConsumer):
    """Raises where its room says, and says the rest of the room's name; it can be told by JSON to do anything."""

    def fall(self, where):
        wanted, _, token = self.scope["url_route"]["kwargs"]["room_name"].partition(".")
        if wanted == where:
            raise Fell(f"{where} {token}")

    async def websocket_connect(self, message):
        self.fall("websocket_connect")
        await super().websocket_connect(message)

    async def connect(self):
        self.fall("connect")
        await super().connect()

    async def accept(self, subprotocol=None, headers=None):
        self.fall("accept")
        await super().accept(subprotocol, headers)

    async def receive_json(self, content):
        self.fall("receive_json")
        if content == "layer":
            await self.channel_layer.send(self.channel_name, {"type": "event.of.layer"})
        elif content == "close":
            await self.close()
        else:
            await self.send_json(content)

    async def receive_other(self, text_data, bytes_data):
        self.fall("receive_other")

    async def event_of_layer(self, event):
        self.fall("event_of_layer")
        if self.scope["url_route"]["kwargs"]["room_name"].startswith("handler_failed"):
            raise KeyError("for handler_failed")
        await asyncio.sleep(0)
        cancelled = asyncio.get_running_loop().create_future()
        cancelled.cancel()
        await cancelled

    def handler_failed(self, error, where):
        self.fall("handler_failed")
        _log.error("%s met %s", self.scope["url_route"]["kwargs"]["room_name"], type(error).__name__)
        super().handler_failed(error, where)

    async def send_json(self, content, close=False):
        self.fall("send_json")
        await super().send_json(content, close)

    async def decode_json(self, text_data):
        self.fall("decode_json")
        return await AsyncJsonWebsocketConsumer.decode_json(text_data)

    async def encode_json(self, content):
        self.fall("encode_json")
        return await AsyncJsonWebsocketConsumer.encode_json(content)

    async def close(self, code=None, reason=None):
        self.fall("close")
        await super().close(code, reason)

    async def websocket_disconnect(self, message):
        self.fall("websocket_disconnect")
        await super().websocket_disconnect(message)

    async def disconnect(self, code):
        self.fall("disconnect")


class RaisingSyncAnywhere(WebsocketConsumer):
    """The same in a thread."""

    fall = RaisingAnywhere.fall

    def connect(self):
        self.fall("sync_connect")
        self.accept()

    def receive(self, text_data=None, bytes_data=None):
        self.send(text_data)

    def send(self, text_data=None, bytes_data=None, close=False):
        self.fall("sync_send")
        super().send(text_data, bytes_data, close)

    def disconnect(self, code):
        self.fall("sync_disconnect")


class Unborn(AsyncWebsocketConsumer):
    """Raises before there is a connection."""

    def __init__(self, *arguments, **settings):
        raise Fell("unborn")


class RaisingRequest(AsyncHttpConsumer):
    """Raises instead of answering."""

    async def handle(self, body):
        if (token := body.decode()) != "fine":
            raise Fell(f"handle {token}")
        await self.send_response(200, b"fine")


class Waiting(AsyncWebsocketConsumer):
    """Waits in its handlers for what never comes, or for what is cancelled; the log says how it ended."""

    async def connect(self):
        self.room = self.scope["url_route"]["kwargs"]["room_name"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        if text_data == "members":
            await self.send(str(len(await self.channel_layer.group_members(self.room))))
            return
        await self.channel_layer.send(self.channel_name, {"type": "wait"})
        await self.send("waiting")
        if text_data == "cancelled":
            awaited = asyncio.get_running_loop().create_future()
            awaited.cancel()
            await awaited

    async def wait(self, event):
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            _log.warning("the handler of %s was cancelled", self.room)
            raise

    async def disconnect(self, code):
        _log.warning("%s has left", self.room)


class RaisingSync(WebsocketConsumer):
    """Raises in a thread."""

    def receive(self, text_data=None, bytes_data=None):
        raise Fell(f"sync {text_data}")


class RaisingRaw(AsyncConsumer):
    """Raises on an event of the connection that it takes itself."""

    async def websocket_connect(self, event):
        await self.send({"type": "websocket.accept"})

    async def websocket_receive(self, event):
        raise Fell(f"raw {event['text']}")

    async def websocket_disconnect(self, event):
        raise StopConsumer


def forgetful(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate, and forget what was decorated."""

    def call(*arguments, **named):
        return function(*arguments, **named)

    return call


class Handling(AsyncWebsocketConsumer):
    """Has handlers of many kinds; the client says which of them it wants to hear."""

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.send(self.channel_name, {"type": text_data})

    async def with_more(self, event, **more):
        await self.send("with_more")

    async def with_default(self, event, other=None):
        await self.send("with_default")

    @forgetful
    async def decorated(self, event):
        await self.send("decorated")

    @sync_to_async
    def threaded(self, event):
        async_to_sync(self.send)("threaded")


class Shadowing(AsyncWebsocketConsumer):
    """Calls its own things what the library once called its own."""

    socket = handlers = "mine"

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.send(self.channel_name, {"type": text_data})

    async def listen(self, event):
        await self.send("listen")

    async def run(self, event):
        await self.send("run")

    async def failed(self, event):
        await self.send("failed")

    def _send(self):
        raise Fell("called by the library")

    _close = _accept = _begin = _send


class Overriding(AsyncWebsocketConsumer):
    """Overrides everything there is of the connection's events, and says so."""

    async def websocket_connect(self, message):
        self.seen = [message["type"]]
        await super().websocket_connect(message)

    async def websocket_receive(self, message):
        self.seen.append(message["type"])
        await super().websocket_receive(message)

    async def dispatch(self, message):
        await super().dispatch(message)

    async def receive(self, text_data=None, bytes_data=None):
        await self.send(json.dumps([*self.seen, text_data or len(bytes_data)]))


KINDS = {
    "tutorial": Tutorial,
    "async": Async,
    "large": Large,
    "flood": Flood,
    "raising": Raising,
    "raising-sync": RaisingSync,
    "raising-raw": RaisingRaw,
    "raising-anywhere": RaisingAnywhere,
    "raising-sync-anywhere": RaisingSyncAnywhere,
    "unborn": Unborn,
    "waiting": Waiting,
    "handling": Handling,
    "shadowing": Shadowing,
    "overriding": Overriding,
}
"""Each by its place in the path."""

REQUESTS = {"raising-request": RaisingRequest}
"""Those that answer a request, by their place in the path; on no layer."""


def on_layer(kind: type[AsyncConsumer], alias: str) -> type[AsyncConsumer]:
    """Return the same consumer on the layer of this alias."""
    return type(kind.__name__, (kind,), {"channel_layer_alias": alias})
