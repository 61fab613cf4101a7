"""One client that speaks our protocol: a window, a guest's browser, a script, or another node's link."""

import asyncio
import time

from lanchat import protocol
from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.errors import DoorError, InvalidFrame, LanchatError, NotText, SlowDown, UnsupportedVersion
from lanchat.protocol import Challenge, Command, Heartbeat, Hello, Welcome, codec
from lanchat.rooms import Visitor
from lanchat.sessions.admission import LinkProof, admit, secret_of
from lanchat.sessions.commands import obey
from lanchat.sessions.context import NO_KEY, SessionContext
from lanchat.sessions.node_feed import NodeFeed
from lanchat.sessions.session import Session, is_secure, send_refusal

_NO_HELLO, _NO_VERSION, _TOO_FAST = 4000, 4002, 4029


class ClientConsumer(AsyncWebsocketConsumer):
    """One client, from its hello to its end.

    Args:
        context: what it meets here.
    """

    _session: Session | None = None
    _proof: LinkProof | None = None
    _feed: NodeFeed | None = None

    def __init__(self, context: SessionContext) -> None:
        super().__init__(layers={})
        self._context = context

    async def connect(self) -> None:
        """Accept, and wait for a hello for a few seconds."""
        await self.accept()
        self._context.timers.await_hello(self)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Obey one command; one that is refused is answered with an error, and the connection goes on."""
        try:
            command = _read(text_data)
        except LanchatError as error:
            await self._refuse(error, codec.read_subject(text_data or ""))
            return
        try:
            if self._session is None:
                await self._greet(command)
            else:
                await obey(self._session, command)
        except LanchatError as error:
            await self._refuse(error, codec.subject_of(command))

    async def disconnect(self, code: int) -> None:
        """Leave every room."""
        self._context.timers.forget(self)
        if self._session is not None:
            self._context.count("connections_closed", label=self._session.visitor.kind)
            if self._feed is not None:
                await self._feed.end()
            await self._session.end()

    def beat(self) -> None:
        """Tell the client how far its rooms are."""
        if self._session is not None:
            tops = {room: subscription.top() for room, subscription in self._session.joined.items()}
            self._session.send(Heartbeat(tops=tops))

    def give_up(self) -> None:
        """Turn the client away, because it said no hello in time."""
        self._closing = asyncio.get_running_loop().create_task(self.close(_NO_HELLO, "no hello"))

    async def _greet(self, command: Command) -> None:
        """Let the client in by its hello; a link by its proof, which it is asked for then, and by nothing else."""
        proof, self._proof = self._proof, None
        if proof is not None:
            proof.check(command)
            if proof.visitor.node == self._context.node:
                await self._context.twins.called(self.socket.peer)
                raise InvalidFrame("hello: a link is from another node, and this is the same one.")
            await self._welcome(proof.hello, proof.visitor)
            return
        visitor = admit(command, self._context, secure=is_secure(self.socket), address=self.socket.peer)
        assert isinstance(command, Hello)  # noqa: S101 - nothing else is admitted
        if visitor.kind != "link":
            await self._welcome(command, visitor)
            return
        self._proof = LinkProof(command, visitor, self._context.fingerprint)
        self.socket.send_text(codec.encode(Challenge(nonce=self._proof.nonce)))

    async def _welcome(self, command: Hello, visitor: Visitor) -> None:
        session = self._session = Session(self._context, visitor, self.socket)
        self._context.addresses.traces.spoke(session.payer.address if visitor.kind != "link" else "", visitor.author.id)
        self._context.count("connections_opened", label=visitor.kind)
        self._context.timers.greet(self)
        welcome = Welcome(
            version=protocol.VERSION,
            node=self._context.node,
            you=visitor.author,
            heartbeat=protocol.HEARTBEAT,
            silence=protocol.SILENCE,
            max_text=protocol.MAX_TEXT,
            address=(address := self._context.address()),
            fingerprint=self._context.fingerprint if address else "",
            secret=secret_of(command, self._context.node) if command.seed else "",
        )
        session.answer(command, welcome)
        self._feed = NodeFeed(session)
        await self._feed.begin(command)

    def _bears(self) -> bool:
        """Whether a client that was told to slow down may stay."""
        if self._session is None:
            return True
        addresses, payer = self._context.addresses, self._session.payer
        addresses.traces.note(payer.address, "refused")
        return addresses.bear(payer, time.monotonic())

    async def _refuse(self, error: LanchatError, subject: codec.Subject) -> None:
        send_refusal(self._context, self.socket, error, subject)
        if self._session is None:
            code = _NO_HELLO
            if isinstance(error, DoorError):
                code = _NO_VERSION if isinstance(error, UnsupportedVersion) else NO_KEY
            await self.close(code, error.code)
        elif isinstance(error, SlowDown) and not self._bears():
            self._context.addresses.traces.note(self._session.payer.address, "cut_off")
            await self.close(_TOO_FAST, error.code)
        else:
            await asyncio.sleep(self._context.addresses.rest(self._session.payer, time.monotonic()))


def _read(text: str | None) -> Command:
    if text is None:
        raise NotText
    command = codec.decode_command(text)
    protocol.check_command(command)
    return command
