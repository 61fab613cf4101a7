"""Qt: two shipped faults of pywebview 6 mended, and the page's title shown on the window.

pywebview passes integers where Qt 6 wants enums, so a page that asks for the clipboard or for notifications would wait
for ever, and it calls a download method that Qt 6 no longer has.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def mend(native: Any, *, origin: str, downloads: Path, title: str) -> list[Callable[..., None]]:
    """Answer permissions, save downloads and follow the title. Call it on the main thread, before the page is loaded.

    Args:
        native: pywebview's Qt window.
        origin: scheme, host and port of the page that may use clipboard and notifications.
        downloads: folder in which downloads are saved.
        title: what to show while the page has none.

    Returns:
        The handlers; keep them as long as the window lives, because Qt does not.
    """
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

    page.permissionRequested.connect(answer)
    native.profile.downloadRequested.connect(save)
    page.titleChanged.connect(name)
    return [answer, save, name]
