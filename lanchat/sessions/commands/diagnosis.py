"""Saying why nobody is found."""

from lanchat.protocol import Diagnose
from lanchat.sessions.session import Session


async def diagnose(session: Session, command: Diagnose) -> None:
    """Examine the network, beside everything else; it ends when the client goes.

    Raises:
        TooManySearches: so many questions of this client wait already.
    """

    async def examine() -> None:
        session.answer(command, await session.context.diagnose())

    session.searches.begin(examine)
