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


class Binding(NamedTuple):
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
    Binding(Hello, people.hello, "connect"),
    Binding(Rename, people.rename, "connect"),
    Binding(Open, rooms.open_room, "open"),
    Binding(Join, rooms.join, "join"),
    Binding(Leave, rooms.leave, "join"),
    Binding(Post, posts.post, "post"),
    Binding(History, history.page, "read"),
    Binding(Search, history.search, "read"),
    Binding(Typing, presence.typing, "post"),
    Binding(Presence, presence.presence, "link"),
    Binding(Read, presence.read, "read"),
    Binding(Receipts, presence.receipts, "link"),
    Binding(Invite, people.invite, "invite"),
    Binding(Announce, people.announce, "announce"),
    Binding(Export, jobs.export, "archive"),
    Binding(Import, jobs.import_room, "archive"),
    Binding(Cancel, jobs.cancel, "archive"),
)
"""Every command, once."""
_BY_COMMAND = {binding.command: binding for binding in TABLE}


async def obey(session: Session, command: Command) -> None:
    """Ask the gate, carry a command out, and answer it. Raises LanchatError when it is refused."""
    binding = _BY_COMMAND[type(command)]
    session.context.access.check(session.visitor, binding.action, getattr(command, "room", ""))
    answer = await binding.handler(session, command)
    if answer is not None:
        session.answer(command, answer)
