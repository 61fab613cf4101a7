"""Saying why nobody is found, looking for others, and doing about it what the node can do itself."""

import asyncio

from lanchat.errors import LanchatError
from lanchat.protocol import BridgeRoom, Diagnose, Done, Look, Looked, Renew, codec
from lanchat.sessions.session import Session


async def diagnose(session: Session, command: Diagnose) -> None:
    """Examine the network, beside everything else; it ends when the client goes.

    Raises:
        TooManySearches: so many questions of this client wait already.
    """

    async def examine() -> None:
        session.answer(command, await session.context.diagnose())

    session.searches.begin(examine)


async def look(session: Session, command: Look) -> None:
    """Look for other nodes, beside everything else; it ends when the client goes.

    Raises:
        TooManySearches: so many questions of this client wait already.
    """

    async def search() -> None:
        try:
            nodes, asked = await session.context.look(command.address)
        except LanchatError as error:
            session.refuse(error, codec.subject_of(command))
        else:
            session.answer(command, Looked(nodes=nodes, asked=asked))

    session.searches.begin(search)


async def bridge(session: Session, command: BridgeRoom) -> Done:
    """Pass a room on between two networks of this machine. Raises NoSuchRoom, InvalidFrame, LimitReached."""
    await session.context.bridge(session.context.rooms.get(command.room), on=command.on)
    return Done()


async def renew(session: Session, _: Renew) -> Done:
    """Have the node make new keys when it starts next. Raises DataDirUnusable."""
    await asyncio.to_thread(session.context.renew)
    return Done()
