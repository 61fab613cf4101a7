"""What every window of the owner is told once, as long as the node runs: that something happened at its start."""

import time

from lanchat.protocol import MAX_TEXT, Author, Notification, encode


class StartupNotices:
    """Announcements for windows that open later.

    A window is known by its key, so that one whose connection was cut is not told again.
    """

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._told: set[str] = set()

    def add(self, author: Author, text: str) -> None:
        """Tell something to every window that opens from now on."""
        at = int(time.time() * 1000)
        self._frames.append(encode(Notification(kind="announcement", author=author, at=at, text=text[:MAX_TEXT])))

    def for_window(self, key: str) -> list[bytes]:
        """Return the encoded announcements for the window with this key; nothing the second time."""
        if not self._frames or key in self._told:
            return []
        self._told.add(key)
        return self._frames
