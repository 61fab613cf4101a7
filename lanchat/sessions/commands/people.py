"""Who one is, and what reaches other people wherever they are."""

import msgspec

from lanchat.errors import InvalidFrame
from lanchat.identity import names
from lanchat.protocol import (
    Announce,
    Author,
    Compare,
    Comparison,
    Done,
    Hello,
    Invite,
    Prove,
    Rename,
    RoomRef,
    Verify,
    You,
)
from lanchat.sessions.context import OWNERS
from lanchat.sessions.session import Session


async def hello(_: Session, __: Hello) -> None:
    """Refuse to be greeted twice; the first hello is what makes a session. Raises InvalidFrame."""
    raise InvalidFrame("hello: it was said already.")


async def prove(_: Session, __: Prove) -> None:
    """Refuse a proof that nobody asked for; the one of a link comes before its session. Raises InvalidFrame."""
    raise InvalidFrame("prove: nobody has asked for it.")


async def rename(session: Session, command: Rename) -> You:
    """Call somebody by another name: the owner at every window, others at this client. Raises InvalidNick."""
    context, me = session.context, session.visitor.author
    if me.id == context.owner.author.id:
        author = await context.owner.rename(command.nick)
        await session.rename(author)
        await context.layer.group_send(OWNERS, {"type": "owner.renamed"})
    else:
        author = Author(id=me.id, nick=names.nick(command.nick))
        await session.rename(author)
    return You(you=author)


async def invite(session: Session, command: Invite) -> Done:
    """Ask somebody who is in a room to come into another.

    Raises:
        NotJoined, NoSuchRoom: the client does not follow the room.
        InvalidFrame: nobody in it has that id, or a link names an author for whom it does not speak there.
        InvalidRoomName, InvalidNick: nothing can be called so.
    """
    context, room = session.context, session.room(command.room)
    if all(member.id != command.to for member in room.presence.people.everybody()):
        raise InvalidFrame("invite: nobody in this room has that id.")
    into = RoomRef(id=command.into.id, name=names.room_name(command.into.name))
    author = context.access.speaker(session.visitor, command.author)
    if session.visitor.kind == "link" and not session.sees(room, author):
        raise InvalidFrame("invite: a link invites for those whom its node sees in the room.")
    await context.notifications.invite(command.to, author, into)
    await room.invite(Invite(room=room.id, to=command.to, into=into, author=author))
    return Done()


async def verify(session: Session, command: Verify) -> Done:
    """Take a step of a comparison of words from the node of somebody who is in a room, for the person it is for.

    Raises:
        NotJoined, NoSuchRoom: the link does not follow the room.
        InvalidFrame, InvalidNick: it names no author who can be.
    """
    author = session.context.access.speaker(session.visitor, command.author)
    await session.room(command.room).verify(msgspec.structs.replace(command, author=author, ref=0))
    return Done()


async def compare(session: Session, command: Compare) -> Comparison:
    """Compare words with somebody, as the owner. Raises as `ComparingDesk.compare` does."""
    return await session.context.comparing.compare(command)


async def announce(session: Session, command: Announce) -> Done:
    """Tell everybody on this node, and in the rooms whose home it is, something."""
    context = session.context
    await context.rooms.announce(await context.notifications.announce(session.visitor.author, command.text))
    return Done()
