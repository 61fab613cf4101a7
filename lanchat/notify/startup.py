"""What happened at the start of the node, shown once in every window of its owner."""

import time
from itertools import count

from lanchat.protocol import MAX_TEXT, Author, Notification, encode

MOST = 20
"""Announcements that are kept, the newest; others can bring some about."""


class StartupNotices:
    """Announcements for windows that open later.

    A window is known by its key, so that one whose connection was cut does not get them again.
    """

    def __init__(self) -> None:
        self._frames: dict[str, bytes] = {}
        self._others = count()
        self._shown: set[str] = set()

    def add(self, author: Author, text: str, about: str = "") -> None:
        """Show a text in every window that opens from now on, in place of the one before `about` the same."""
        key = about or str(next(self._others))
        self._frames.pop(key, None)
        notice = Notification(kind="announcement", author=author, at=int(time.time() * 1000), text=text[:MAX_TEXT])
        self._frames[key] = encode(notice)
        if len(self._frames) > MOST:
            del self._frames[next(iter(self._frames))]

    def for_window(self, key: str) -> list[bytes]:
        """Return the encoded announcements for the window with this key; nothing the second time."""
        if not self._frames or key in self._shown:
            return []
        self._shown.add(key)
        return list(self._frames.values())
