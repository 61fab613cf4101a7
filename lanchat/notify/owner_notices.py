"""What happens at the node and its person should know: said now, and in each window that opens later."""

import logging

from lanchat.chores import Chores
from lanchat.notify.notifications import Notifications
from lanchat.notify.startup import StartupNotices
from lanchat.protocol import Author

_log = logging.getLogger(__name__)


class OwnerNotices:
    """Tells the person whose node it is.

    Args:
        owner: that person.
        notifications: reaches the windows that are open.
        startup: reaches those that open later.
        chores: carries out what nobody may wait for.
    """

    def __init__(self, owner: Author, notifications: Notifications, startup: StartupNotices, chores: Chores) -> None:
        self._owner = owner
        self._notifications = notifications
        self._startup = startup
        self._chores = chores

    def keep(self, sentence: str) -> None:
        """Tell something to each window that opens from now on: none is open yet."""
        _log.warning("%s", sentence)
        self._startup.add(self._owner, sentence)

    async def tell(self, sentence: str, about: str = "") -> None:
        """Tell something, of one thing once."""
        _log.warning("%s", sentence)
        self._startup.add(self._owner, sentence, about)
        await self._notifications.announce_to(self._owner, sentence)

    def begin_to_tell(self, sentence: str, about: str = "") -> None:
        """Tell something in the background: whoever notices it must not wait."""
        self._chores.begin(self.tell(sentence, about), about or "notice")

    def cut_off(self, address: str) -> None:
        """Tell that an address was cut off, in the background."""
        self.begin_to_tell(
            f"{address} asked for too much and was cut off. See and delete what came from there: lanchat purge"
        )
