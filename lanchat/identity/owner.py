"""The person whose node this is."""

from lanchat.errors import InvalidNick
from lanchat.identity import names
from lanchat.identity.keys import PersonKey
from lanchat.identity.seal import Seal
from lanchat.identity.store import SettingStore
from lanchat.protocol import Author

_PERSON = "person"
"""The setting in which the journal finds their id: what a recovered room has of them, they can sign anew."""


class Owner:
    """Who sits at the window: a key, which is their id, and a name that can be changed.

    Args:
        store: remembers the name.
        key: theirs.
        nick: as it was remembered.

    Attributes:
        author: who that is to others.
        key: theirs.
        seal: signs what they say, and vouches for the guests of their node.
    """

    def __init__(self, store: SettingStore, key: PersonKey, nick: str) -> None:
        self.author = Author(id=key.id, nick=nick)
        self.key = key
        self.seal = Seal(key)
        self._store = store

    @classmethod
    async def load(cls, store: SettingStore, key: PersonKey, *, given: str, default: str) -> "Owner":
        """Return the node's person.

        Args:
            store: what is remembered.
            key: theirs.
            given: a name that was asked for at this start; it replaces the remembered one.
            default: the name of somebody who never chose one; `Someone` when nobody can be called so.

        Raises:
            InvalidNick: nobody can have the name `given`.
        """
        settings = await store.settings()
        nick = names.nick(given) if given else settings.get("nick") or _possible(default)
        owner = cls(store, key, nick)
        if settings.get(_PERSON) != key.id:
            await store.put_setting(_PERSON, key.id)
        if given and nick != settings.get("nick"):
            await owner.rename(nick)
        return owner

    async def rename(self, nick: str) -> Author:
        """Take another name, from now on and at every start. Raises InvalidNick."""
        self.author = Author(id=self.author.id, nick=names.nick(nick))
        await self._store.put_setting("nick", self.author.nick)
        return self.author


def _possible(nick: str) -> str:
    try:
        return names.nick(nick)
    except InvalidNick:
        return names.NOBODY
