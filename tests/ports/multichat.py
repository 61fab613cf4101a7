# mypy: ignore-errors
"""A chat of many rooms that are rows of a database, for users who have logged in, staff among them.

It behaves as the example `multichat` that everybody who learns Channels reads; `python -m tests.ports.multichat KIND
REDIS FOLDER` plays it through on a layer of this kind.
"""

import asyncio

from tests.ports.project import arguments, logged_in, set_up, tables

if __name__ == "__main__":
    set_up(*arguments())

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter
from django.db import models
from django.urls import path

from lanchat.consumers import AsyncJsonWebsocketConsumer
from lanchat.consumers.testing import WebsocketCommunicator
from tests.support.conditions import LONG


class ClientError(Exception):
    """What a client is told that it did wrong."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class MultichatRoom(models.Model):
    title = models.CharField(max_length=255)
    staff_only = models.BooleanField(default=False)

    class Meta:
        app_label = "multichat"

    @property
    def group_name(self):
        return f"room-{self.id}"


@database_sync_to_async
def room_or_error(room_id, user):
    room = MultichatRoom.objects.filter(pk=room_id).first()
    if not user.is_authenticated:
        raise ClientError("USER_HAS_TO_LOGIN")
    if room is None:
        raise ClientError("ROOM_INVALID")
    if room.staff_only and not user.is_staff:
        raise ClientError("ROOM_ACCESS_DENIED")
    return room


class Multichat(AsyncJsonWebsocketConsumer):
    async def connect(self):
        if self.scope["user"].is_anonymous:
            await self.close()
        else:
            await self.accept()
        self.rooms = set()

    async def receive_json(self, content):
        try:
            match content.get("command"):
                case "join":
                    await self.join(content["room"])
                case "leave":
                    await self.leave(content["room"])
                case "send":
                    await self.say(content["room"], content["message"])
        except ClientError as error:
            await self.send_json({"error": error.code})

    async def disconnect(self, code):
        for room_id in list(self.rooms):
            try:
                await self.leave(room_id)
            except ClientError:
                pass

    async def join(self, room_id):
        room = await room_or_error(room_id, self.scope["user"])
        await self.tell(room, "chat.join")
        self.rooms.add(room_id)
        await self.channel_layer.group_add(room.group_name, self.channel_name)
        await self.send_json({"join": str(room.id), "title": room.title})

    async def leave(self, room_id):
        room = await room_or_error(room_id, self.scope["user"])
        await self.tell(room, "chat.leave")
        self.rooms.discard(room_id)
        await self.channel_layer.group_discard(room.group_name, self.channel_name)
        await self.send_json({"leave": str(room.id)})

    async def say(self, room_id, message):
        if room_id not in self.rooms:
            raise ClientError("ROOM_ACCESS_DENIED")
        await self.tell(await room_or_error(room_id, self.scope["user"]), "chat.message", message=message)

    async def tell(self, room, kind, **more):
        name = self.scope["user"].username
        await self.channel_layer.group_send(
            room.group_name, {"type": kind, "room_id": room.id, "username": name, **more}
        )

    async def chat_join(self, event):
        await self.send_json({"msg_type": 4, "room": event["room_id"], "username": event["username"]})

    async def chat_leave(self, event):
        await self.send_json({"msg_type": 5, "room": event["room_id"], "username": event["username"]})

    async def chat_message(self, event):
        keys = {"room": event["room_id"], "username": event["username"], "message": event["message"]}
        await self.send_json({"msg_type": 0, **keys})


application = ProtocolTypeRouter(
    {"websocket": AuthMiddlewareStack(URLRouter([path("chat/stream/", Multichat.as_asgi())]))}
)


async def play(ada, bob, public, secret):
    """Ada is staff, Bob is not; somebody else has not logged in."""

    def browser(headers):
        return WebsocketCommunicator(application, "/chat/stream/", headers)

    stranger = browser([(b"host", b"testserver"), (b"origin", b"http://testserver")])
    assert (await stranger.connect(LONG))[0] is False
    async with browser(ada) as first, browser(bob) as second:
        assert (await first.connect(LONG))[0]
        assert (await second.connect(LONG))[0]
        await second.send_json_to({"command": "join", "room": 999})
        assert await second.receive_json_from(LONG) == {"error": "ROOM_INVALID"}
        await second.send_json_to({"command": "join", "room": secret})
        assert await second.receive_json_from(LONG) == {"error": "ROOM_ACCESS_DENIED"}
        await second.send_json_to({"command": "send", "room": public, "message": "not in yet"})
        assert await second.receive_json_from(LONG) == {"error": "ROOM_ACCESS_DENIED"}
        await first.send_json_to({"command": "join", "room": secret})
        assert await first.receive_json_from(LONG) == {"join": str(secret), "title": "Staff"}
        await first.send_json_to({"command": "join", "room": public})
        assert await first.receive_json_from(LONG) == {"join": str(public), "title": "Everybody"}
        await second.send_json_to({"command": "join", "room": public})
        assert await second.receive_json_from(LONG) == {"join": str(public), "title": "Everybody"}
        assert await first.receive_json_from(LONG) == {"msg_type": 4, "room": public, "username": "bob"}
        await second.send_json_to({"command": "send", "room": public, "message": "hello"})
        heard = {"msg_type": 0, "room": public, "username": "bob", "message": "hello"}
        assert await first.receive_json_from(LONG) == await second.receive_json_from(LONG) == heard
        await first.send_json_to({"command": "send", "room": secret, "message": "quiet"})
        assert (await first.receive_json_from(LONG))["message"] == "quiet"
        assert await second.receive_nothing()
        await second.disconnect()
        assert await first.receive_json_from(LONG) == {"msg_type": 5, "room": public, "username": "bob"}


def main():
    """Make the rooms and the people, and play."""
    tables(MultichatRoom)
    public = MultichatRoom.objects.create(title="Everybody")
    secret = MultichatRoom.objects.create(title="Staff", staff_only=True)
    (_, ada), (_, bob) = logged_in("ada", is_staff=True), logged_in("bob")
    asyncio.run(play(ada, bob, public.id, secret.id))
    print("played")


if __name__ == "__main__":
    main()
