"""The person whose node this is."""

import secrets

from lanchat.chat import names
from lanchat.chat.journal import Journal
from lanchat.chat.protocol import Author
from lanchat.errors import InvalidNick

_NOBODY = "Someone"


class Owner:
    """Who sits at the window: a random id that stays, and a name that can be changed.

    Args:
        journal: remembers both.
        author: as the journal remembered it.
    """

    def __init__(self, journal: Journal, author: Author) -> None:
        self.author = author
        self._journal = journal

    @classmethod
    async def load(cls, journal: Journal, *, given: str, default: str) -> "Owner":
        """Give the node's person.

        Args:
            journal: what is remembered.
            given: a name that was asked for at this start; it replaces the remembered one.
            default: the name of somebody who never chose one; `Someone` when nobody can be called so.

        Raises:
            InvalidNick: nobody can have the name `given`.
        """
        settings = await journal.settings()
        identity = settings.get("owner")
        if identity is None:
            identity = secrets.token_hex(16)
            await journal.put_setting("owner", identity)
        nick = names.nick(given) if given else settings.get("nick") or _possible(default)
        owner = cls(journal, Author(id=identity, nick=nick))
        if given and nick != settings.get("nick"):
            await owner.rename(nick)
        return owner

    async def rename(self, nick: str) -> Author:
        """Take another name, from now on and at every start. Raises InvalidNick."""
        self.author = Author(id=self.author.id, nick=names.nick(nick))
        await self._journal.put_setting("nick", self.author.nick)
        return self.author


def _possible(nick: str) -> str:
    try:
        return names.nick(nick)
    except InvalidNick:
        return _NOBODY
