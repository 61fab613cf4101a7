"""The order of events of the desktop program: start the node, choose a window meanwhile, show it, end both."""

import os
from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from lanchat import interpreter
from lanchat.config import Config
from lanchat.desktop import browser, instance
from lanchat.desktop.background import Background, Started
from lanchat.desktop.choice import Kind, Surroundings, environment, kinds, look_around
from lanchat.desktop.probe import ToolkitProbe
from lanchat.desktop.shutdown import Shutdown, leave
from lanchat.desktop.window import Window
from lanchat.errors import AlreadyRunning, NoWindow

_BROWSERS = frozenset({Kind.APP, Kind.BROWSER})
_OTHER_STARTS = 10.0
_POLL = 0.2


class WindowPage(msgspec.Struct, frozen=True):
    """What is to be shown: the page's URL with its token, and how to get another after a reload."""

    url: str
    fresh_url: Callable[[], str]


def run(config: Config) -> int:
    """Run the desktop program until its window is closed or it is asked to end.

    Returns:
        The exit code.

    Raises:
        LanchatError: the node cannot run.
    """
    interpreter.begin()
    around = look_around()
    candidates = kinds(around)
    trial = _try_first(candidates, around)
    shutdown = Shutdown()
    shutdown.install()
    desk = _Desk(config.data_dir, around, candidates, trial, shutdown)
    node = Background(config, on_front=desk.front, on_end=shutdown.request)
    node.start()
    try:
        started = node.started()
    except AlreadyRunning:
        _join_running(config, desk)
        if desk.had_toolkit:
            leave(0)
        return 0
    finally:
        interpreter.settle()
        if node.failure is not None and trial is not None:
            trial.close()
    try:
        if not desk.show(WindowPage(started.url, node.fresh_url)):
            _stay_headless(started, shutdown)
    finally:
        node.stop()
    if node.failure is not None:
        raise node.failure
    if desk.had_toolkit:
        leave(0)
    return 0


class _Desk:
    """The window of this process: which one it becomes, and how it is brought to the front.

    Attributes:
        had_toolkit: whether a toolkit was loaded.
    """

    def __init__(
        self,
        data_dir: Path,
        around: Surroundings,
        candidates: list[Kind],
        trial: ToolkitProbe | None,
        shutdown: Shutdown,
    ) -> None:
        self._data_dir = data_dir
        self._around = around
        self._candidates = candidates
        self._trial = trial
        self._shutdown = shutdown
        self._window: Window | None = None
        self._coming = any(kind not in _BROWSERS for kind in candidates)
        self.had_toolkit = False

    def front(self) -> bool:
        """Bring the window to the front, or report that it is on its way; False when this process has none."""
        window = self._window
        return (window is not None and window.front()) or self._coming

    def show(self, page: WindowPage) -> bool:
        """Show the best window that works until it is closed; False when none does."""
        for kind in self._candidates:
            if self._shutdown.requested:
                return True
            if self._works(kind) and self._show(kind, page):
                return True
        self._coming = False
        return False

    def _works(self, kind: Kind) -> bool:
        trial, self._trial = self._trial, None
        if trial is None or trial.kind is not kind:
            trial = _trial(kind, self._around)
        return trial is None or trial.passed()

    def _show(self, kind: Kind, page: WindowPage) -> bool:
        if kind in _BROWSERS:
            self._coming = False
            return self._show_in_browser(kind, page)
        os.environ.update(environment(kind, self._around))
        self.had_toolkit = True
        self._window = Window(kind, page.url, self._data_dir, self._shutdown, page.fresh_url)
        try:
            shown = self._window.show()
        finally:
            self._window = None
        # A window that was closed does not come again; one that could not be shown makes way for the next kind.
        self._coming = self._coming and not shown
        return shown

    def _show_in_browser(self, kind: Kind, page: WindowPage) -> bool:
        lead = browser.lead_to(page.url, self._data_dir)
        try:
            if kind is Kind.BROWSER:
                if not browser.open_tab(lead):
                    return False
                click.echo("Lanchat is open in your browser. Ctrl-C ends it.")
                self._shutdown.wait()
                return True
            program = browser.open_app(self._around.app_browser, lead, self._data_dir, root=self._around.root)
            self._shutdown.then = program.terminate
            return program.wait() == 0 or self._shutdown.requested
        finally:
            browser.remove_lead(self._data_dir)


def _join_running(config: Config, desk: _Desk) -> None:
    """Bring the window of the node that runs already to the front, or show one for a node that has none.

    Raises:
        AlreadyRunning: it does not answer.
        NoWindow: it has no window, and none can be opened here.
    """
    front = instance.wait_for_front(config.data_dir, _OTHER_STARTS)
    if front is None:
        raise AlreadyRunning(f"Lanchat already runs on the data directory {config.data_dir}, but does not answer.")
    if front.shown:
        return

    def again() -> str:
        answer = instance.ask_front(config.data_dir)
        return answer.url if answer else ""

    if not desk.show(WindowPage(front.url, again)):
        raise NoWindow(f"No window can be opened here; open this address in a browser: {front.url}")


def _stay_headless(started: Started, shutdown: Shutdown) -> None:
    click.echo("No window can be opened on this machine, so Lanchat runs without one.")
    click.echo(f"Your own page, once, within a minute:          {started.url}")
    click.echo(f"Anybody on this network joins with a browser:  {started.lan_url}")
    click.echo("Ctrl-C ends it.")
    shutdown.wait()


def _try_first(candidates: list[Kind], around: Surroundings) -> ToolkitProbe | None:
    return _trial(candidates[0], around) if candidates else None


def _trial(kind: Kind, around: Surroundings) -> ToolkitProbe | None:
    """Begin a trial of a toolkit; None where it cannot fail: an offscreen window needs no display."""
    if kind is Kind.QT and around.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return None
    return ToolkitProbe(kind, environment(kind, around))
