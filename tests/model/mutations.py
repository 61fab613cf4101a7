"""The rules of order, each taken out of the product (or out of the client) by a small patch, named after the rule.

The rules are those of docs/protocol.md (Recovery) and docs/design.md. What a patch leaves behind is what somebody could
have written who did not know the rule.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import apsw
import msgspec
import pytest

from lanchat.journal import Draft, Journal, Kept, numbering, outbox, reading, writer
from lanchat.journal.transaction import Transaction
from lanchat.lan.link import link, stream
from lanchat.lan.link.stream import Stream
from lanchat.layers import Message
from lanchat.protocol import Heartbeat, Mark, Post, Reply
from lanchat.protocol.cursor import Admission, Cursor
from lanchat.sessions import client
from lanchat.sessions.commands import posts
from lanchat.sessions.hub import Run
from lanchat.sessions.session import Session
from lanchat.sessions.subscription import Subscription
from tests.model import person
from tests.model.person import Person

Patch = pytest.MonkeyPatch
MUTATIONS: dict[str, Callable[[Patch], None]] = {}
"""What takes a rule out, by the rule."""


def mutation(dequeue: Callable[[Patch], None]) -> Callable[[Patch], None]:
    """Put a mutation on the list."""
    MUTATIONS[dequeue.__name__] = dequeue
    return dequeue


# Append, then publish; a repeated nonce appends nothing ---------------------------------------------------------------


@mutation
def a_repeated_nonce_appends(patch: Patch) -> None:
    patch.setattr(numbering, "reading", _that_finds_nothing())


@mutation
def a_repeated_nonce_is_not_answered(patch: Patch) -> None:
    posted = posts._posted

    def silent(session: Session, command: Post, done: Any) -> None:
        if done.cancelled() or done.exception() or done.result() is None or done.result().fresh:
            posted(session, command, done)

    patch.setattr(posts, "_posted", silent)


# Enter the group first, read second -----------------------------------------------------------------------------------


@mutation
def a_joining_client_reads_first_and_enters_second(patch: Patch) -> None:
    """What comes in between reaches nobody, as if the group had not been entered."""
    take = Subscription._take

    def not_yet(self: Subscription, run: Run) -> None:
        if self._begun:
            take(self, run)

    patch.setattr(Subscription, "_take", not_yet)


# Next, seen, hole, at every hop ---------------------------------------------------------------------------------------


class _Careless(Cursor):
    def admit(self, first: int, last: int | None = None) -> Admission:
        self.seq = last or first
        return Admission.NEXT


@mutation
def a_client_takes_what_comes(patch: Patch) -> None:
    patch.setattr(person, "Cursor", _Careless)


@mutation
def a_client_leaves_holes(patch: Patch) -> None:
    patch.setattr(Person, "_repair", _do_nothing)


@mutation
def a_subscription_sends_what_comes(patch: Patch) -> None:
    def on_message(self: Subscription, message: Run | Message) -> None:
        if isinstance(message, Run):
            self.seq = message.last
            self._frames.push(message.wire)
        elif message["type"] in {"room.frame", "room.refused"}:
            self._socket.send_text(message["frame"])

    patch.setattr(Subscription, "on_message", on_message)


@mutation
def a_subscription_leaves_holes(patch: Patch) -> None:
    patch.setattr(Subscription, "_catch_up", lambda self: None)


@mutation
def a_stream_takes_what_comes(patch: Patch) -> None:
    patch.setattr(stream, "Cursor", _Careless)


@mutation
def a_stream_leaves_holes(patch: Patch) -> None:
    patch.setattr(Stream, "_ask", _do_nothing)


# The heartbeat carries the tops ---------------------------------------------------------------------------------------


@mutation
def a_heartbeat_has_no_tops(patch: Patch) -> None:
    patch.setattr(client, "Heartbeat", lambda tops: Heartbeat(tops={}))


# The outboxes ---------------------------------------------------------------------------------------------------------


@mutation
def a_client_sends_once(patch: Patch) -> None:
    patch.setattr(Person, "_resend", _do_nothing)


@mutation
def a_client_sends_again_in_any_order(patch: Patch) -> None:
    async def backwards(self: Person) -> None:
        for post in reversed(tuple(self.outbox.values())):
            await self._send_post(post)

    patch.setattr(Person, "_resend", backwards)


@mutation
def a_client_sends_again_under_another_nonce(patch: Patch) -> None:
    async def anew(self: Person) -> None:
        for post in tuple(self.outbox.values()):
            await self._send_post(msgspec.structs.replace(post, nonce=post.nonce + " again"))

    patch.setattr(Person, "_resend", anew)


@mutation
def a_nodes_outbox_is_lost_with_its_process(patch: Patch) -> None:
    enqueue, waiting = Journal.enqueue, Journal.outbox
    kept: dict[Journal, set[str]] = defaultdict(set)

    def put(self: Journal, draft: Draft) -> asyncio.Future[Kept | None]:
        kept[self].add(draft.nonce)
        return enqueue(self, draft)

    async def of_this_process(self: Journal, room: str, place: int = 0) -> list[tuple[int, Draft]]:
        return [(place, draft) for place, draft in await waiting(self, room, place) if draft.nonce in kept[self]]

    patch.setattr(Journal, "enqueue", put)
    patch.setattr(Journal, "outbox", of_this_process)


# A mirror's cursor is its top; it looks for a nonce before it forwards ------------------------------------------------


@mutation
def a_mirrors_cursor_is_what_it_received(patch: Patch) -> None:
    class Remembering(Stream):
        received: ClassVar[dict[Journal, int]] = {}

        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self._cursor.seq = max(self._cursor.seq, self.received.get(self._journal, 0))

        async def take(self, notice: Reply) -> None:
            await super().take(notice)
            self.received[self._journal] = self._cursor.seq

    patch.setattr(link, "Stream", Remembering)


@mutation
def a_mirror_forwards_what_it_has(patch: Patch) -> None:
    patch.setattr(outbox, "reading", _that_finds_nothing())


# Start over -----------------------------------------------------------------------------------------------------------


@mutation
def a_cursor_beyond_the_top_is_met_with_silence(patch: Patch) -> None:
    begin = Subscription.begin

    async def patient(self: Subscription, since: int, limit: int, last: Mark | None = None, *, ref: int = 0) -> bool:
        top = self.room.top
        return await begin(self, min(since, top), limit, last if since <= top else None, ref=ref)

    patch.setattr(Subscription, "begin", patient)


@mutation
def another_history_is_not_noticed(patch: Patch) -> None:
    begin = Subscription.begin

    async def trusting(self: Subscription, since: int, limit: int, last: Mark | None = None, *, ref: int = 0) -> bool:
        return await begin(self, since, limit, ref=ref)

    patch.setattr(Subscription, "begin", trusting)


@mutation
def another_history_with_the_same_last_words_is_not_noticed(patch: Patch) -> None:
    agrees = Subscription._agrees

    async def by_nonce(self: Subscription, seq: int, mark: Mark) -> bool:
        stands = await self._journal.mark(self.room.id, seq)
        return (stands is not None and stands.nonce == mark.nonce) or await agrees(self, seq, mark)

    patch.setattr(Subscription, "_agrees", by_nonce)


@mutation
def a_replaced_history_goes_on_after_the_old_one(patch: Patch) -> None:
    received = Subscription.on_message

    def on_message(self: Subscription, message: Run | Message) -> None:
        self._renewed = self.room.renewed
        received(self, message)

    patch.setattr(Subscription, "on_message", on_message)


# A page has a limit, and the client pages back ------------------------------------------------------------------------


@mutation
def a_client_gets_more_than_it_asked_for(patch: Patch) -> None:
    begin = Subscription.begin

    async def generous(self: Subscription, since: int, limit: int, last: Mark | None = None, *, ref: int = 0) -> bool:
        return await begin(self, since, 100, last, ref=ref)

    patch.setattr(Subscription, "begin", generous)


@mutation
def a_client_does_not_page_back(patch: Patch) -> None:
    patch.setattr(Person, "_page_back", _do_nothing)


# Commit before anybody is told; a failed commit is told to nobody -----------------------------------------------------


@mutation
def a_commit_is_told_before_it_is_one(patch: Patch) -> None:
    """The transaction stays open for a moment, so that more may share it."""
    close = writer.Writer.close

    def commit(self: writer.Writer) -> None:
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")

    def transact(self: writer.Writer, writes: Sequence[Any]) -> Transaction:
        commit(self)
        self.connection.execute("BEGIN IMMEDIATE")
        transaction = Transaction(self.connection)
        for write in writes:
            write.run(transaction)
        asyncio.get_running_loop().call_later(0.05, commit_unless_closed, self)
        return transaction

    def commit_unless_closed(self: writer.Writer) -> None:
        if not self._closed:
            commit(self)

    async def commit_and_close(self: writer.Writer) -> None:
        await close(self)
        commit(self)

    patch.setattr(writer.Writer, "_transact", transact)
    patch.setattr(writer.Writer, "close", commit_and_close)


@mutation
def a_failed_commit_is_told(patch: Patch) -> None:
    def transact(self: writer.Writer, writes: Sequence[Any]) -> Transaction:
        transaction = Transaction(self.connection)
        try:
            with vars(writer)["atomic"](self.connection):
                for write in writes:
                    write.run(transaction)
        except apsw.FullError:
            pass
        return transaction

    patch.setattr(writer.Writer, "_transact", transact)


async def _do_nothing(*_: object) -> None: ...


def _that_finds_nothing() -> SimpleNamespace:
    """The functions that read, of which `find` never finds an event by its nonce."""
    return SimpleNamespace(**{**vars(reading), "find": lambda *_: None})
