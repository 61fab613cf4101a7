"""Qt: two shipped faults of pywebview 6 mended, the page kept where it is, its title and its notices shown.

pywebview passes integers where Qt 6 wants enums, so a page that asks for the clipboard or for notifications would wait
for ever, and it calls a download method that Qt 6 no longer has. A link or a file that is dropped on the window would
replace the chat.
"""

import itertools
import re
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lanchat.desktop.notices import DesktopNotices

_UNREAD = re.compile(r"\((\d+)\) ")
_LINKS = frozenset({"http", "https", "mailto"})


def mend(native: Any, *, origin: str, downloads: Path, title: str, fresh_url: Callable[[], str]) -> list[Any]:
    """Answer permissions, save downloads and follow the title. Call it on the main thread, before the page is loaded.

    Args:
        native: pywebview's Qt window.
        origin: scheme, host and port of the page that may use clipboard and notifications.
        downloads: folder in which downloads are saved.
        title: what to show while the page has none.
        fresh_url: returns a URL with a new token, for a page that is loaded again; empty when there is none.

    Returns:
        The handlers; keep them as long as the window lives, because Qt does not.
    """
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWebEngineCore import QWebEnginePermission

    kinds = QWebEnginePermission.PermissionType
    allowed = {kinds.Notifications, kinds.ClipboardReadWrite}
    page = native.webview.page()
    page.featurePermissionRequested.disconnect(page.onFeaturePermissionRequested)

    def answer(permission: Any) -> None:
        ours = permission.origin().toString().rstrip("/") == origin
        if ours and permission.permissionType() in allowed:
            permission.grant()
        else:
            permission.deny()

    def save(download: Any) -> None:
        download.setDownloadDirectory(str(downloads))
        download.accept()

    def name(text: str) -> None:
        native.setWindowTitle(text or title)
        # The page counts in its title what is unread, as tabs of browsers show it.
        unread = _UNREAD.match(text)
        QGuiApplication.instance().setBadgeNumber(int(unread[1]) if unread else 0)  # type: ignore[union-attr]

    page.permissionRequested.connect(answer)
    native.profile.downloadRequested.connect(save)
    page.titleChanged.connect(name)
    return [answer, save, name, *_tell_outside(native, title), *_keep_place(native, page, origin, fresh_url)]


def _tell_outside(native: Any, title: str) -> list[Any]:
    """Show the page's notices through the system: Qt shows none by itself. Gives what has to be kept."""
    from PySide6.QtCore import QObject, Qt, Signal
    from PySide6.QtWidgets import QApplication

    class Clicks(QObject):
        """Brings clicks from the notices' thread to the window's."""

        clicked = Signal(object)

    clicks, notices = Clicks(), DesktopNotices(title)

    def follow(notification: Any) -> None:
        native.show()
        native.activateWindow()
        notification.click()

    def present(notification: Any) -> None:
        notification.show()
        QApplication.alert(native)
        notices.show(notification.title(), notification.message(), lambda: clicks.clicked.emit(notification))

    clicks.clicked.connect(follow, Qt.ConnectionType.QueuedConnection)
    native.profile.setNotificationPresenter(present)
    return [clicks, follow, present]


def release(page: Any, profile: Any) -> None:
    """Let the engine write down what the page stored. Call it on the main thread, after the event loop has ended."""
    import shiboken6

    # The profile writes its storage when nobody needs it any more; pywebview's page for links needs it too.
    for part in (getattr(page, "nav_handler", None), page, profile):
        if part is not None and shiboken6.isValid(part):
            shiboken6.delete(part)


def _keep_place(native: Any, page: Any, origin: str, fresh_url: Callable[[], str]) -> list[Callable[..., None]]:
    """Let nothing replace the page but the page itself, which comes back with a new token. Gives the handlers."""
    from PySide6.QtCore import QTimer, QUrl
    from PySide6.QtWebEngineCore import QWebEngineNavigationRequest

    reload = QWebEngineNavigationRequest.NavigationType.ReloadNavigation
    loads = itertools.count(1)

    def renew() -> None:
        if url := fresh_url():
            # Another query as well: an address that differs in its fragment alone would not be loaded.
            address, _, token = url.partition("#")
            address += f"{'&' if '?' in address else '?'}load={next(loads)}#{token}"
            QTimer.singleShot(0, lambda: native.webview.setUrl(QUrl(address)))

    def stay(request: Any) -> None:
        if request.isMainFrame() and request.navigationType() == reload:
            # The old token was used up, and the bearer goes with the page.
            request.reject()
            renew()
            return
        address = request.url().toString()
        if not request.isMainFrame() or address.startswith(f"{origin}/"):
            request.accept()
            return
        request.reject()
        if request.url().scheme() in _LINKS:
            threading.Thread(target=webbrowser.open, args=(address,), name="link", daemon=True).start()

    def revive(*how: object) -> None:
        del how
        renew()

    page.navigationRequested.connect(stay)
    page.renderProcessTerminated.connect(revive)
    return [stay, revive]
