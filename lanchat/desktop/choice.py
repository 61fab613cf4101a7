"""Which kinds of window this machine may be able to show, best first. Nothing is opened or started here."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

_APP_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
    "msedge",
    "chrome",
)
_APP_BROWSER_PATHS = {
    "win32": (
        "%ProgramFiles(x86)%/Microsoft/Edge/Application/msedge.exe",
        "%ProgramFiles%/Microsoft/Edge/Application/msedge.exe",
        "%ProgramFiles%/Google/Chrome/Application/chrome.exe",
    ),
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
}
_SYSTEM_PACKAGES = Path("/usr/lib/python3/dist-packages")


class Kind(StrEnum):
    """A way to show the page. `NATIVE` is the system's own web view on Windows and macOS."""

    QT = "qt"
    GTK = "gtk"
    NATIVE = "native"
    APP = "app"
    BROWSER = "browser"


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What the choice depends on.

    Attributes:
        platform: as `sys.platform`.
        environ: the environment.
        root: whether the program runs as the superuser.
        sandbox: whether Chromium's sandbox can work here without root.
        webview: whether pywebview is installed.
        qt: whether Qt with its web engine is installed.
        gtk: whether GTK can be loaded into this Python.
        app_browser: path of a browser that knows `--app`; empty when there is none.
    """

    platform: str
    environ: Mapping[str, str]
    root: bool = False
    sandbox: bool = True
    webview: bool = False
    qt: bool = False
    gtk: bool = False
    app_browser: str = ""


def kinds(around: Surroundings) -> list[Kind]:
    """Name what may work here, best first. Empty: no window, no browser."""
    if around.platform in {"win32", "darwin"}:
        possible = {Kind.NATIVE: around.webview, Kind.APP: bool(around.app_browser), Kind.BROWSER: True}
    else:
        display = has_display(around.environ)
        drawable = display or bool(around.environ.get("QT_QPA_PLATFORM"))
        possible = {
            Kind.QT: around.webview and around.qt and drawable and _qt_may_start(around),
            Kind.GTK: around.webview and around.gtk and display,
            Kind.APP: bool(around.app_browser) and display,
            # Without a display the standard library would start a browser inside the terminal.
            Kind.BROWSER: display or bool(around.environ.get("BROWSER")),
        }
    return [kind for kind, works in possible.items() if works]


def environment(kind: Kind, around: Surroundings) -> dict[str, str]:
    """Name the variables that have to be set before the toolkit is loaded; what is set already is not in it."""
    wanted = {}
    if kind is Kind.QT:
        wanted = {"QT_API": "pyside6"}
        if around.root:
            # Chromium refuses to start as root with its sandbox on.
            wanted["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    elif kind is Kind.GTK:
        # WebKitGTK shows an empty window on some graphics drivers otherwise.
        wanted = {"WEBKIT_DISABLE_DMABUF_RENDERER": "1"}
    return {key: value for key, value in wanted.items() if key not in around.environ}


def has_display(environ: Mapping[str, str]) -> bool:
    """Return whether an X or Wayland display is named."""
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def look_around() -> Surroundings:
    """Describe this machine. Takes a few milliseconds; loads no toolkit."""
    return Surroundings(
        platform=sys.platform,
        environ=dict(os.environ),
        root=hasattr(os, "geteuid") and os.geteuid() == 0,
        sandbox=_sandbox_works(),
        webview=_installed("webview"),
        qt=_installed("qtpy") and _installed("PySide6.QtWebEngineCore"),
        gtk=_installed("gi") or system_gi() is not None,
        app_browser=_app_browser(),
    )


def system_gi() -> Path | None:
    """Find the distribution's PyGObject, if it was compiled for this version of Python."""
    module = f"_gi.cpython-{sys.version_info.major}{sys.version_info.minor}-*.so"
    folder = _SYSTEM_PACKAGES / "gi"
    return folder if next(folder.glob(module), None) else None


def _qt_may_start(around: Surroundings) -> bool:
    return around.root or around.sandbox or bool(around.environ.get("QTWEBENGINE_DISABLE_SANDBOX"))


def _sandbox_works() -> bool:
    return not (
        _kernel_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")
        or _kernel_says("/proc/sys/kernel/unprivileged_userns_clone", "0")
        or _kernel_says("/proc/sys/user/max_user_namespaces", "0")
    )


def _kernel_says(path: str, value: str) -> bool:
    try:
        return Path(path).read_text("ascii").strip() == value
    except (OSError, UnicodeDecodeError):
        return False


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _app_browser() -> str:
    for name in _APP_BROWSERS:
        if found := shutil.which(name):
            return found
    for path in _APP_BROWSER_PATHS.get(sys.platform, ()):
        expanded = os.path.expandvars(path)
        if Path(expanded).is_file():
            return expanded
    return ""
