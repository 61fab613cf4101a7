"""Shows what the page tells outside of itself, where the web view cannot: Qt's hands that to the program.

`desktop-notifier` speaks to the system, on Linux to org.freedesktop.Notifications over D-Bus. It has an event loop of
its own, because the main thread has the window's, and the node must not wait for the desktop.
"""

import asyncio
import html
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

_MOST = 500
"""Signs of a text that are shown: no system shows more."""


_log = logging.getLogger(__name__)


class DesktopNotices:
    """Notices of the system. Nothing is loaded before the first one.

    Args:
        name: what the program is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._notifier: Any = None

    def show(self, title: str, text: str, on_click: Callable[[], object]) -> None:
        """Show a notice, without waiting. A desktop that has none costs nothing but them.

        Args:
            title: its heading.
            text: what is below it.
            on_click: called on a thread of the notices when somebody clicks on it.
        """
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="notices", daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._show(title, text[:_MOST], on_click), self._loop)

    async def _show(self, title: str, text: str, on_click: Callable[[], object]) -> None:
        try:
            if self._notifier is None:
                from desktop_notifier import DesktopNotifier

                self._notifier = DesktopNotifier(app_name=self._name, app_icon=None)
            if sys.platform == "linux":  # its notices take markup, with links, and anybody may have written the text
                text = html.escape(text, quote=False)
            await self._notifier.send(title=title, message=text, on_clicked=on_click)
        except Exception as error:  # noqa: BLE001 - see above
            _log.warning("The system shows no notices: %s", error)
