"""pywebview's way to Qt, made shorter.

pywebview asks QtPy for Qt's classes, and QtPy imports them by `*`, which makes every class of Qt whether it is used or
not: a fifth of the time until the window is painted. These stand-ins give the same names from PySide6 when asked.
"""

import importlib
import sys
from types import ModuleType

_SOURCES = {
    "QtCore": ("QtCore",),
    "QtGui": ("QtGui",),
    "QtNetwork": ("QtNetwork",),
    "QtWebChannel": ("QtWebChannel",),
    "QtWebEngineCore": ("QtWebEngineCore",),
    # QtPy keeps names where Qt 5 had them.
    "QtWidgets": ("QtWidgets", "QtGui"),
    "QtWebEngineWidgets": ("QtWebEngineWidgets", "QtWebEngineCore"),
}


def shorten() -> None:
    """Stand in for QtPy from now on, unless it is loaded already. Loads Qt; main thread only.

    Raises:
        ImportError: Qt or its web engine is missing.
    """
    if "qtpy" in sys.modules:
        return
    modules = {f"qtpy.{name}": _StandIn(name, sources) for name, sources in _SOURCES.items()}
    package = ModuleType("qtpy", "Stands in for QtPy.")
    package.__dict__.update({"PYQT6": False, "PYSIDE6": True, "__path__": []})
    package.__dict__.update({name: modules[f"qtpy.{name}"] for name in _SOURCES})
    sys.modules.update({"qtpy": package, **modules})


class _StandIn(ModuleType):
    """One module of QtPy, with what is asked of it."""

    def __init__(self, name: str, sources: tuple[str, ...]) -> None:
        super().__init__(f"qtpy.{name}", "Stands in for QtPy.")
        self._sources = [importlib.import_module(f"PySide6.{source}") for source in sources]

    def __getattr__(self, name: str) -> object:
        for source in self._sources:
            if hasattr(source, name):
                return getattr(source, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
