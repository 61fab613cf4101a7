"""What one client is told unasked of the whole node: its rooms, its owner's name, and what is for the person."""

import asyncio

from lanchat.errors import Unauthorised
from lanchat.layers import Message
from lanchat.protocol import Alerts, Hello, Whereabouts, You
from lanchat.sessions.context import LISTENERS, NO_KEY, OWNERS
from lanchat.sessions.hub import Run
from lanchat.sessions.session import Session


class NodeFeed:
    """Tells one client what happens beside its rooms.

    Args:
        session: the client.
    """

    __slots__ = ("_address", "_key", "_session", "_task")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._address = ""
        self._key = ""
        self._task: asyncio.Task[None] | None = None

    async def begin(self, hello: Hello) -> None:
        """Tell the client how things are, and from now on what changes. Raises LayerError."""
        session, context = self._session, self._session.context
        visitor, send = session.visitor, session.socket.send_text
        if visitor.kind != "link":
            await context.notifications.arrive(visitor.author, session.socket)
        if session.listed:
            context.access.check(visitor, "list")
            await context.memberships.arrive(visitor.author, session.socket)
            await context.hub.enter(LISTENERS[visitor.kind], self)
            self._send_list()
            if (alerts := context.notifications.alerts.of(visitor.author.id)) != Alerts():
                session.send(alerts)
        if visitor.kind == "window":
            self._address, self._key = context.address(), hello.token
            for frame in context.startup_notices.for_window(hello.token):
                send(frame)
            for notice in context.comparing.frames():
                session.send(notice)
        if visitor.author.id == context.owner.author.id:
            await context.hub.enter(OWNERS, self)
            self._look_at_key()  # it may have been signed out while it came in

    async def end(self) -> None:
        """Tell nothing more."""
        if self._task is not None:
            self._task.cancel()
        session = self._session
        for group in (*LISTENERS.values(), OWNERS):
            await session.context.hub.leave(group, self)
        session.context.memberships.leave(session.visitor.author.id, session.socket)
        await session.context.notifications.leave(session.visitor.author, session.socket)

    def on_message(self, message: Run | Message) -> None:
        """Pass on something of the node; take the owner's new name, which may have been chosen in another window."""
        if isinstance(message, Run):
            return
        if message["type"] == "owner.renamed":
            self._task = asyncio.ensure_future(self._take_name())
        elif message["type"] == "owner.signed_out":
            self._look_at_key()
        elif message["type"] == "owner.compared":
            if self._session.visitor.kind == "window":
                self._session.socket.send_text(message["frame"])
        elif message["type"] == "node.moved":
            self._tell_address()
        elif message["type"] == "node.rooms":
            self._send_list()

    def _send_list(self) -> None:
        session = self._session
        mine = session.context.doors.unlisted_of(session.visitor.author.id)
        session.socket.send_text(session.context.list_for(session.visitor.kind, session.joined.keys() | mine))

    def _tell_address(self) -> None:
        session = self._session
        address = session.context.address()
        if session.visitor.kind == "window" and address != self._address:
            self._address = address
            session.send(Whereabouts(address=address))

    def _look_at_key(self) -> None:
        """Close the connection of a window whose key is valid no more."""
        is_key = self._session.context.is_key
        if self._key and is_key is not None and not is_key(self._key):
            self._task = asyncio.ensure_future(self._session.socket.close(NO_KEY, Unauthorised.code))

    async def _take_name(self) -> None:
        author = self._session.context.owner.author
        if author != self._session.visitor.author:
            self._session.send(You(you=author))
            await self._session.rename(author)
