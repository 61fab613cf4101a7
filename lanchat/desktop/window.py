"""The native window, through pywebview. It shows the page and nothing else: the page never calls Python."""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs
from filelock import FileLock, Timeout

from lanchat.desktop import bindings, geometry, gtk, qt
from lanchat.desktop.choice import Kind
from lanchat.desktop.shutdown import Shutdown

TITLE = "Lanchat"
_BACKGROUND = "#1a1d26"
_RENDERERS = frozenset({"qtwebengine", "gtkwebkit2", "edgechromium", "wkwebview"})


class Window:
    """One window on one page.

    Args:
        kind: a toolkit that this machine can load.
        url: of the page, with its one-time token.
        data_dir: where the window's size and the page's storage are kept.
        shutdown: ends the window as well; the window listens to its signals again once the toolkit is loaded.
        fresh_url: returns a URL with a new token, for a page that was reloaded; empty when there is none.
    """

    def __init__(self, kind: Kind, url: str, data_dir: Path, shutdown: Shutdown, fresh_url: Callable[[], str]) -> None:
        self._kind = kind
        self._url = url
        self._data_dir = data_dir
        self._shutdown = shutdown
        self._fresh_url = fresh_url
        self._geometry = geometry.load(data_dir)
        self._native: Any = None
        self._handlers: list[Any] = []
        self._opened = False
        self._release: Callable[[], None] = lambda: None

    def show(self) -> bool:
        """Show the window until it is closed. Main thread only. False: the toolkit has no usable web view."""
        if self._kind is Kind.QT:
            bindings.shorten()
        import webview

        # Asked for by the page's links; downloads are saved by `qt.mend`, because pywebview's own way fails there.
        webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = True
        webview.settings["ALLOW_DOWNLOADS"] = self._kind is not Kind.QT
        place = self._geometry
        window: Any = webview.create_window(
            TITLE,
            self._url,
            width=place.width,
            height=place.height,
            x=place.x,
            y=place.y,
            maximized=place.maximized,
            min_size=geometry.SMALLEST,
            text_select=True,
            zoomable=True,
            background_color=_BACKGROUND,
        )
        self._native = window
        usable: list[bool] = []
        window.events.initialized += lambda renderer: self._accept(renderer, usable)
        window.events.before_show += self._before_show
        if self._kind is not Kind.QT:
            # Under Qt this event reports refused navigations as well; `qt.mend` sees reloads for what they are.
            window.events.loaded += self._loaded
        window.events.resized += self._resized
        window.events.moved += self._moved
        self._shutdown.then = self.close
        gui: Any = {Kind.QT: "qt", Kind.GTK: "gtk"}.get(self._kind)
        with _storage(self._data_dir) as storage:
            webview.start(gui=gui, private_mode=storage is None, storage_path=storage, icon=_icon())
            self._release()
        geometry.save(self._data_dir, self._geometry)
        return usable != [False]

    def front(self) -> bool:
        """Bring the window to the front, from any thread and without waiting; False when there is none."""
        window = self._native
        if window is None:
            return False

        def raise_it() -> None:
            window.restore()
            window.show()

        threading.Thread(target=raise_it, name="front", daemon=True).start()
        return True

    def close(self) -> None:
        """Close the window, from any thread."""
        if self._native is not None:
            self._native.destroy()

    def _accept(self, renderer: str, usable: list[bool]) -> bool:
        # Windows without WebView2 would fall back to Internet Explorer, which cannot show the page.
        usable.append(renderer in _RENDERERS)
        return usable[-1]

    def _before_show(self) -> None:
        """Mend what the toolkit needs. Runs on the main thread: nothing here may wait for the window."""
        self._shutdown.install()
        native = self._native.native
        if self._kind is Kind.QT:
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(self._url))
            downloads = Path(platformdirs.user_downloads_path())
            self._handlers = qt.mend(native, origin=origin, downloads=downloads, title=TITLE, fresh_url=self._fresh_url)
            self._release = functools.partial(qt.release, native.webview.page(), native.profile)
        elif self._kind is Kind.GTK:
            gtk.mend(native, TITLE)
        if self._shutdown.requested:
            threading.Thread(target=self.close, daemon=True).start()

    def _loaded(self) -> None:
        """Return a page that was reloaded a new token: the old one was used up, and the bearer went with the page."""
        first, self._opened = not self._opened, True
        if not first and (url := self._fresh_url()):
            # Only the fragment differs, so this loads nothing again: the page sees the fragment change.
            self._native.load_url(url)

    def _resized(self, width: int, height: int) -> None:
        self._geometry.width, self._geometry.height = int(width), int(height)

    def _moved(self, x: int, y: int) -> None:
        self._geometry.x, self._geometry.y = int(x), int(y)


@contextlib.contextmanager
def _storage(data_dir: Path) -> Iterator[str | None]:
    """Reserve the page's storage for one process: shared, its calls would never be answered. None: do without."""
    lock = FileLock(data_dir / "window.lock")
    try:
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        yield None
        return
    try:
        yield str(data_dir / "window")
    finally:
        lock.release()


def _icon() -> str | None:
    icon = Path(__file__).parents[1] / "web" / "ui" / "icon.png"
    return str(icon) if icon.is_file() else None
