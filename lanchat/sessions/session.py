"""One client that was let in: who it is, which rooms it follows, and how it is answered."""

import asyncio

import msgspec

from lanchat.consumers import Socket
from lanchat.errors import LanchatError, NotJoined
from lanchat.identity import shown
from lanchat.layers import Message
from lanchat.limits import Backlog, Payer
from lanchat.protocol import Answer, Author, Command, Done, Event, NodeInfo, Presence, Reply, codec
from lanchat.rooms import Exchange, Room, Visitor
from lanchat.sessions.context import LISTENERS, SessionContext
from lanchat.sessions.havens import guests_of
from lanchat.sessions.hub import Run
from lanchat.sessions.job_feed import JobFeed
from lanchat.sessions.link_subscription import LinkSubscription
from lanchat.sessions.search_queue import SearchQueue
from lanchat.sessions.subscription import Subscription

_SECURE = frozenset({"wss", "https"})


class Session:
    """What the handlers of commands work on.

    Args:
        context: what the client meets here.
        visitor: who it is.
        socket: its connection.

    Attributes:
        context: what the client meets here.
        visitor: who it is; changes when it is renamed.
        socket: its connection.
        joined: what it has seen of each room that it follows.
        exchange: the proof that it has begun at the door of a room, with that room's id; None when there is none.
    """

    __slots__ = ("_backlog", "_job_feed", "_searches", "_staying", "context", "exchange", "joined", "socket", "visitor")

    def __init__(self, context: SessionContext, visitor: Visitor, socket: Socket) -> None:
        self.context = context
        self.visitor = visitor
        self.joined: dict[str, Subscription] = {}
        self.socket = socket
        self.exchange: tuple[str, Exchange] | None = None
        self._backlog: Backlog | None = None
        self._staying: frozenset[asyncio.Task[None]] = frozenset()
        self._job_feed: JobFeed | None = None
        self._searches: SearchQueue | None = None

    @property
    def payer(self) -> Payer:
        """Against whom its commands count."""
        visitor = self.visitor
        return Payer(visitor.address, visitor.author.id, visitor.kind == "link")

    @property
    def backlog(self) -> Backlog:
        """Its posts that wait for an answer; made when it posts, which most only rarely do."""
        if self._backlog is None:
            self._backlog = Backlog(self.context.addresses.limits.posts_unanswered)
        return self._backlog

    @property
    def job_feed(self) -> JobFeed:
        """What the client is told of the jobs that it asked for; made when it asks for one, which few do."""
        if self._job_feed is None:
            self._job_feed = JobFeed(self.context.layer, self.socket.send_text)
        return self._job_feed

    @property
    def searches(self) -> SearchQueue:
        """What the client asked for that takes a while; made when it asks for something."""
        if self._searches is None:
            self._searches = SearchQueue()
        return self._searches

    @property
    def listed(self) -> bool:
        """Whether this is a person in the lists of who is there: a window or a guest."""
        return self.visitor.kind in LISTENERS

    @property
    def node(self) -> NodeInfo:
        """The node that sees the people of this client."""
        return self.visitor.node or self.context.node

    def send(self, reply: Reply) -> None:
        """Send one frame."""
        self.socket.send_text(codec.encode(reply))

    def show(self, event: Event) -> None:
        """Send an event that is kept, as this client takes it: a person without what is hidden, a link as it is."""
        if self.visitor.node is not None:
            self.send(self.context.owner.seal.leaving(event))
        else:
            door = self.context.doors.get(event.room)
            self.send(shown(event if door is None else door.policy.veiled(event)))

    def answer(self, command: Command, reply: Answer) -> None:
        """Send the one answer to a command, with its ref; `done` is said only to a command that has one."""
        if command.ref:
            self.send(msgspec.structs.replace(reply, ref=command.ref))
        elif not isinstance(reply, Done):
            self.send(reply)

    def refuse(self, error: LanchatError, subject: codec.Subject) -> None:
        """Answer a command with the reason why it was not carried out."""
        send_refusal(self.context, self.socket, error, subject)

    def subscription(self, room: str) -> Subscription:
        """Return what the client has seen of a room.

        Raises:
            NoSuchRoom: it is not here.
            NotJoined: the client does not follow it.
        """
        self.context.rooms.get(room)
        if room not in self.joined:
            raise NotJoined
        return self.joined[room]

    def room(self, room: str) -> Room:
        """Return a room that the client follows. Raises as `subscription` does."""
        return self.subscription(room).room

    def sees(self, room: Room, author: Author) -> bool:
        """Return whether the node of a link may say what somebody does in a room now.

        That is its own person, which is shown, and whom it sees there; a guest's id alone is known to many.
        """
        return author.id == self.visitor.person or room.presence.people.sees(self.node.id, author.id)

    async def follow(self, room: Room) -> Subscription:
        """Begin to follow a room, from before this returns on; anew if it was followed already. Raises LayerError."""
        await self.leave(room.id)
        context = self.context
        subscription = self.joined[room.id] = self._subscription(room)
        room.count_link(int(self.visitor.node is not None))
        await context.hub.enter(room.group, subscription)
        if self.visitor.node is not None:
            await context.hub.enter(room.links, self)
        elif self.visitor.kind == "guest":
            await context.hub.enter(guests_of(room), self)
        return subscription

    def rules_changed(self, room: Room) -> None:
        """Stay in a room in which something else holds from now on, or go out of it."""
        task = asyncio.get_running_loop().create_task(self._stay(room))
        self._staying |= {task}
        task.add_done_callback(lambda done: setattr(self, "_staying", self._staying - {done}))

    async def leave(self, room: str) -> None:
        """Follow a room no more; nothing happens if it was not followed."""
        subscription = self.joined.pop(room, None)
        if subscription is None:
            return
        subscription.room.count_link(-int(self.visitor.node is not None))
        await subscription.end()
        await self.context.hub.leave(subscription.room.group, subscription)
        for group in (subscription.room.links, guests_of(subscription.room)):
            await self.context.hub.leave(group, self)
        gone = self._hang_up if self.visitor.node else self._walk_out
        if await gone(subscription.room):
            self.context.rooms.changed()

    async def rename(self, author: Author) -> None:
        """From now on, call the one at this client by another name."""
        self.visitor = msgspec.structs.replace(self.visitor, author=author)
        self.context.notifications.rename(author, self.socket)
        self.context.memberships.rename(author)
        for subscription in tuple(self.joined.values()):
            if self.listed:
                await subscription.room.presence.enter(self, author)

    def on_message(self, message: Run | Message) -> None:
        """Pass on what a room tells guests, or links, if this is the link that is meant."""
        if isinstance(message, Run):
            return
        node = self.visitor.node
        if message["type"] == "guest.frame" or (node is not None and message["node"] in {"", node.id}):
            self.socket.send_text(message["frame"])

    async def end(self) -> None:
        """Leave every room, and be told no more of jobs and searches."""
        for task in self._staying:
            task.cancel()
        if self._staying:
            await asyncio.wait(self._staying)
        if self._searches is not None:
            await self._searches.end()
        if self._job_feed is not None:
            self._job_feed.end(self.context.transfers.jobs)
        for room in tuple(self.joined):
            await self.leave(room)

    def _subscription(self, room: Room) -> Subscription:
        context = self.context
        if self.visitor.node is not None:
            seal = context.owner.seal
            return LinkSubscription(room, context.journal, self.socket, seal, keeper=self, count=context.count)
        person = self.visitor.author.id
        return Subscription(room, context.journal, self.socket, person=person, keeper=self, count=context.count)

    async def _stay(self, room: Room) -> None:
        """Keep a pass for who is inside when the door closes, and send out who may not be here any more."""
        access = self.context.access
        try:
            access.check(self.visitor, "stay", room.id)
            await self.context.doors.stay(room, self.context.owner, access.comer(self.visitor))
        except LanchatError as error:
            if room.id in self.joined:
                await self.leave(room.id)
                self.refuse(error, codec.Subject(room=room.id))

    async def _walk_out(self, room: Room) -> bool:
        return await room.presence.leave(self)

    async def _hang_up(self, room: Room) -> bool:
        """Take the people of this link's node for gone, unless a newer link speaks for them already."""
        node = self.visitor.node
        if node is None or self.context.presence_owners.get((room.id, node.id)) is not self:
            return False
        del self.context.presence_owners[room.id, node.id]
        return await room.presence.receive(Presence(room=room.id, node=node, members=[]))


def is_secure(socket: Socket) -> bool:
    """Return whether a client came by TLS."""
    return socket.scope["scheme"] in _SECURE


def send_refusal(context: SessionContext, socket: Socket, error: LanchatError, subject: codec.Subject) -> None:
    """Count a refusal, and tell the client."""
    context.count("refusals", label=error.code)
    socket.send_text(codec.encode(codec.error_frame(error, **subject._asdict())))
