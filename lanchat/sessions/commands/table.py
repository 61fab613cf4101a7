"""The one table of commands: each has a handler, what the gate is asked, what it costs, and a section in the docs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from lanchat.limits import Cost
from lanchat.protocol import (
    Alert,
    Announce,
    Answer,
    Arrange,
    BridgeRoom,
    Bring,
    Cancel,
    Command,
    Compare,
    Confirm,
    Continue,
    Diagnose,
    Enter,
    Export,
    Forget,
    Hello,
    History,
    Import,
    Invite,
    Issue,
    Join,
    Knock,
    Leave,
    Look,
    MoveRoom,
    Open,
    Passphrase,
    Post,
    Prefer,
    Presence,
    Prove,
    Purge,
    Quorum,
    Read,
    ReadAll,
    Receipts,
    Rename,
    Renew,
    Reveal,
    Revoke,
    Rules,
    Search,
    Share,
    Tickets,
    Typing,
    Unite,
    Verify,
    Waiting,
)
from lanchat.rooms import Action
from lanchat.sessions.commands import (
    diagnosis,
    doors,
    history,
    jobs,
    memberships,
    people,
    posts,
    presence,
    purging,
    rooms,
    sharing,
    tickets,
    voting,
)
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
        cost: what it counts as; too many are refused before anything else.
    """

    command: type[Command]
    handler: Handler
    action: Action
    cost: Cost

    @property
    def section(self) -> str:
        """The heading in docs/protocol.md under which it is described."""
        return f"`{self.command.__struct_config__.tag}`"


TABLE = (
    Binding(Hello, people.hello, "connect", "rename"),
    Binding(Prove, people.prove, "connect", "rename"),
    Binding(Rename, people.rename, "connect", "rename"),
    Binding(Open, rooms.open_room, "open", "open"),
    Binding(Join, rooms.join, "join", "join"),
    Binding(Leave, rooms.leave, "list", "join"),
    Binding(Post, posts.post, "post", "post"),
    Binding(Bring, posts.bring, "bring", "link"),
    Binding(History, history.page, "read", "page"),
    Binding(Search, history.search, "read", "search"),
    Binding(Typing, presence.typing, "post", "signal"),
    Binding(Presence, presence.presence, "link", "link"),
    Binding(Read, memberships.read, "read", "signal"),
    Binding(ReadAll, memberships.read_all, "list", "signal"),
    Binding(Prefer, memberships.prefer, "read", "signal"),
    Binding(Arrange, memberships.arrange, "list", "signal"),
    Binding(Alert, memberships.alert, "list", "rename"),
    Binding(Receipts, presence.receipts, "link", "link"),
    Binding(Invite, people.invite, "invite", "invite"),
    Binding(Verify, people.verify, "link", "invite"),
    Binding(Compare, people.compare, "compare", "invite"),
    Binding(Announce, people.announce, "announce", "announce"),
    Binding(Export, jobs.export, "archive", "announce"),
    Binding(Import, jobs.import_room, "archive", "announce"),
    Binding(Cancel, jobs.cancel, "archive", "announce"),
    Binding(MoveRoom, jobs.move, "move", "announce"),
    Binding(Reveal, jobs.reveal, "archive", "announce"),
    Binding(Purge, purging.purge, "purge", "announce"),
    Binding(Continue, rooms.continue_here, "continue", "announce"),
    Binding(Unite, rooms.unite, "unite", "announce"),
    Binding(Forget, rooms.forget, "forget", "announce"),
    Binding(Enter, doors.enter, "enter", "door"),
    Binding(Knock, doors.knock, "enter", "door"),
    Binding(Confirm, doors.confirm, "enter", "door"),
    Binding(Rules, doors.rules, "read", "page"),
    Binding(Passphrase, tickets.passphrase, "key", "door"),
    Binding(Issue, tickets.issue, "admit", "door"),
    Binding(Tickets, tickets.tickets, "admit", "page"),
    Binding(Revoke, tickets.revoke, "admit", "door"),
    Binding(Share, sharing.share, "share", "page"),
    Binding(Diagnose, diagnosis.diagnose, "diagnose", "search"),
    Binding(Look, diagnosis.look, "diagnose", "search"),
    Binding(Renew, diagnosis.renew, "renew", "announce"),
    Binding(BridgeRoom, diagnosis.bridge, "bridge", "announce"),
    Binding(Waiting, posts.waiting, "read", "page"),
    Binding(Quorum, voting.quorum, "vote", "link"),
)
"""Every command, once."""
_BY_COMMAND = {binding.command: binding for binding in TABLE}


async def obey(session: Session, command: Command) -> None:
    """Count a command, ask the gate, carry it out, and answer it. Raises LanchatError when it is refused."""
    binding = _BY_COMMAND[type(command)]
    room = getattr(command, "room", "")
    here = room if room in session.context.rooms else ""
    if wait := session.context.addresses.pay(session.payer, binding.cost, time.monotonic(), here):
        await asyncio.sleep(wait)
    session.context.access.check(session.visitor, binding.action, room)
    answer = await binding.handler(session, command)
    if answer is not None:
        session.answer(command, answer)
