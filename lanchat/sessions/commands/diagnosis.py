"""Saying why nobody is found, and doing about it what the node can do itself."""

import asyncio

from lanchat.protocol import Diagnose, Done, Renew
from lanchat.sessions.session import Session


async def diagnose(session: Session, command: Diagnose) -> None:
    """Examine the network, beside everything else; it ends when the client goes.

    Raises:
        TooManySearches: so many questions of this client wait already.
    """

    async def examine() -> None:
        session.answer(command, await session.context.diagnose())

    session.searches.begin(examine)


async def renew(session: Session, _: Renew) -> Done:
    """Have the node make new keys when it starts next. Raises DataDirUnusable."""
    await asyncio.to_thread(session.context.renew)
    return Done()
