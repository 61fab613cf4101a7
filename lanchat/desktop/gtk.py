"""GTK: load the distribution's PyGObject where this Python brings none, and follow the page's title."""

import importlib.util
import sys
from typing import Any

from lanchat.desktop.choice import system_gi


def load() -> None:
    """Make `import gi` work, from the distribution's packages when there is no other.

    Raises:
        ImportError: no PyGObject fits this version of Python.
    """
    if "gi" in sys.modules or importlib.util.find_spec("gi") is not None:
        return
    folder = system_gi()
    if folder is None:
        raise ImportError("There is no PyGObject for this version of Python.")
    spec = importlib.util.spec_from_file_location(
        "gi", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError("The distribution's PyGObject cannot be read.")
    module = importlib.util.module_from_spec(spec)
    sys.modules["gi"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules["gi"]
        raise


def connect() -> None:
    """Load GTK and WebKit and open the display.

    Raises:
        ImportError: a library is missing.
        ValueError: the libraries are of a version that is not known here.
        RuntimeError: the display does not answer.
    """
    load()
    import gi

    gi.require_version("Gtk", "3.0")
    try:
        gi.require_version("WebKit2", "4.1")
    except ValueError:
        gi.require_version("WebKit2", "4.0")
    from gi.repository import Gtk, WebKit2  # noqa: F401

    if not Gtk.init_check(None)[0]:
        raise RuntimeError("The display does not answer.")


def mend(native: Any, title: str) -> None:
    """Show the page's title on the window. Call it on the main thread, before the page is loaded.

    Args:
        native: pywebview's `Gtk.ApplicationWindow`.
        title: what to show while the page has none.
    """
    view = native.get_child().get_child()
    view.connect("notify::title", lambda *_: native.set_title(view.get_title() or title))
