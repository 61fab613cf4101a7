"""How each person wants to be told of things while they look elsewhere, kept for all their windows."""

import logging
import time

import msgspec

from lanchat.identity import SettingStore
from lanchat.protocol import QUIET_FOR_GOOD, Alerts

MOST = 500
"""People whose wishes are kept; of more, those who said nothing for longest have to say it again."""
_KEY = "alerts"

_log = logging.getLogger(__name__)


class _Wish(msgspec.Struct, frozen=True, array_like=True):
    """Until when somebody wants quiet, in milliseconds since 1970, or QUIET_FOR_GOOD; and whether there are sounds."""

    until: int = 0
    sound: bool = True


class AlertBook:
    """What people have said about being told."""

    def __init__(self) -> None:
        self._wishes: dict[str, _Wish] = {}
        self._store: SettingStore | None = None

    async def load(self, store: SettingStore) -> None:
        """Take what was kept, and keep what is said from now on. Raises JournalError."""
        self._store = store
        kept = (await store.settings()).get(_KEY, "{}")
        try:
            self._wishes = msgspec.json.decode(kept, type=dict[str, _Wish])
        except msgspec.MsgspecError:
            _log.warning("How people want to be told cannot be read, so they are told of everything.")

    def of(self, person: str) -> Alerts:
        """Return how somebody wants to be told, with the seconds of quiet that are left by this node's clock."""
        wish = self._wishes.get(person, _Wish())
        left = QUIET_FOR_GOOD if wish.until == QUIET_FOR_GOOD else max(0, wish.until - _now()) // 1000
        return Alerts(quiet=left, sound=wish.sound)

    async def put(self, person: str, *, quiet: int | None, sound: bool | None) -> Alerts:
        """Note what somebody wants; None is as before. Raises JournalError: then it holds for this run.

        Args:
            person: whose wish it is.
            quiet: seconds of quiet from now on, 0 to end it, or QUIET_FOR_GOOD.
            sound: whether there are sounds.
        """
        before = self._wishes.pop(person, _Wish())
        until = before.until if quiet is None else quiet if quiet <= 0 else _now() + quiet * 1000
        self._wishes[person] = _Wish(until, before.sound if sound is None else sound)
        while len(self._wishes) > MOST:
            del self._wishes[next(iter(self._wishes))]
        if self._store is not None:
            await self._store.put_setting(_KEY, msgspec.json.encode(self._wishes).decode())
        return self.of(person)


def _now() -> int:
    return time.time_ns() // 1_000_000
