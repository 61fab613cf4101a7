# mypy: ignore-errors
"""Notifications: rows of a database that reach the pages of their user at once, by a signal and a sync consumer.

`python -m tests.ports.notifications KIND REDIS FOLDER` plays it through on a layer of this kind.
"""

import asyncio

from tests.ports.project import arguments, logged_in, set_up, tables

if __name__ == "__main__":
    set_up(*arguments())

from asgiref.sync import async_to_sync, sync_to_async
from channels.auth import AuthMiddlewareStack
from django.contrib.auth.models import User
from django.db import models
from django.db.models.signals import post_save

from lanchat.consumers import JsonWebsocketConsumer
from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.layers import get_channel_layer
from tests.support.conditions import LONG


class UserNotice(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    text = models.CharField(max_length=200)
    is_read = models.BooleanField(default=False)

    class Meta:
        app_label = "notices"


def push(sender, instance, created, **kwargs):
    """Tell every page of the user of a new row."""
    if created:
        event = {"type": "notice.new", "id": instance.id, "text": instance.text}
        async_to_sync(get_channel_layer().group_send)(f"user_{instance.user_id}", event)


class Notices(JsonWebsocketConsumer):
    def connect(self):
        self.user = self.scope["user"]
        if not self.user.is_authenticated:
            self.close()
            return
        self.group_name = f"user_{self.user.id}"
        async_to_sync(self.channel_layer.group_add)(self.group_name, self.channel_name)
        self.accept()
        self.send_json({"unread": self.unread()})

    def disconnect(self, code):
        if self.user.is_authenticated:
            async_to_sync(self.channel_layer.group_discard)(self.group_name, self.channel_name)

    def receive_json(self, content, **kwargs):
        UserNotice.objects.filter(user=self.user, pk=content["read"]).update(is_read=True)
        async_to_sync(self.channel_layer.group_send)(self.group_name, {"type": "notice.count"})

    def notice_new(self, event):
        self.send_json({"id": event["id"], "text": event["text"], "unread": self.unread()})

    def notice_count(self, event):
        self.send_json({"unread": self.unread()})

    def unread(self):
        return UserNotice.objects.filter(user=self.user, is_read=False).count()


application = AuthMiddlewareStack(Notices.as_asgi())
create = sync_to_async(UserNotice.objects.create)


async def play(ada, headers, bob, others):
    """Ada has two pages open, Bob one; a view makes rows."""
    stranger = WebsocketCommunicator(application, "/", [(b"host", b"testserver")])
    assert (await stranger.connect(LONG))[0] is False
    pages = [WebsocketCommunicator(application, "/", each) for each in (headers, headers, others)]
    async with pages[0] as first, pages[1] as second, pages[2] as third:
        for page, unread in ((first, 1), (second, 1), (third, 0)):
            assert (await page.connect(LONG))[0]
            assert await page.receive_json_from(LONG) == {"unread": unread}
        made = await create(user=ada, text="You were mentioned")
        for page in (first, second):
            heard = await page.receive_json_from(LONG)
            assert heard == {"id": made.id, "text": "You were mentioned", "unread": 2}
        assert await third.receive_nothing()
        await first.send_json_to({"read": made.id})
        assert await first.receive_json_from(LONG) == await second.receive_json_from(LONG) == {"unread": 1}
        await create(user=bob, text="For you")
        assert (await third.receive_json_from(LONG))["text"] == "For you"
        assert await first.receive_nothing()


def main():
    """Make two users and a row of before, and play."""
    tables(UserNotice)
    (ada, headers), (bob, others) = logged_in("ada"), logged_in("bob")
    UserNotice.objects.create(user=ada, text="From before")
    post_save.connect(push, sender=UserNotice)
    asyncio.run(play(ada, headers, bob, others))
    print("played")


if __name__ == "__main__":
    main()
