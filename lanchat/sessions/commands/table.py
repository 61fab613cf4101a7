"""The one table of commands: each has a handler, what the gate is asked for it, and a section of docs/protocol.md."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from lanchat.protocol import (
    Announce,
    Answer,
    Cancel,
    Command,
    Export,
    Hello,
    History,
    Import,
    Invite,
    Join,
    Leave,
    Open,
    Post,
    Presence,
    Read,
    Receipts,
    Rename,
    Search,
    Typing,
)
from lanchat.rooms import Action
from lanchat.sessions.commands import history, jobs, people, posts, presence, rooms
from lanchat.sessions.session import Session

Handler = Callable[[Session, Any], Awaitable[Answer | None]]
"""Carries a command out and returns its answer; `Done` where it has no other, None when it is answered by the handler.

Raises LanchatError when the command is refused.
"""


class Row(NamedTuple):
    """What belongs to one command.

    Attributes:
        command: the command.
        handler: what carries it out.
        action: what the gate is asked before that.
    """

    command: type[Command]
    handler: Handler
    action: Action

    @property
    def section(self) -> str:
        """The heading in docs/protocol.md under which it is described."""
        return f"`{self.command.__struct_config__.tag}`"


TABLE = (
    Row(Hello, people.hello, "connect"),
    Row(Rename, people.rename, "connect"),
    Row(Open, rooms.open_room, "open"),
    Row(Join, rooms.join, "join"),
    Row(Leave, rooms.leave, "join"),
    Row(Post, posts.post, "post"),
    Row(History, history.page, "read"),
    Row(Search, history.search, "read"),
    Row(Typing, presence.typing, "post"),
    Row(Presence, presence.presence, "link"),
    Row(Read, presence.read, "read"),
    Row(Receipts, presence.receipts, "link"),
    Row(Invite, people.invite, "invite"),
    Row(Announce, people.announce, "announce"),
    Row(Export, jobs.export, "archive"),
    Row(Import, jobs.import_room, "archive"),
    Row(Cancel, jobs.cancel, "archive"),
)
"""Every command, once."""
_ROWS = {row.command: row for row in TABLE}


async def obey(session: Session, command: Command) -> None:
    """Ask the gate, carry a command out, and answer it. Raises LanchatError when it is refused."""
    row = _ROWS[type(command)]
    session.context.access.check(session.visitor, row.action, getattr(command, "room", ""))
    answer = await row.handler(session, command)
    if answer is not None:
        session.answer(command, answer)
