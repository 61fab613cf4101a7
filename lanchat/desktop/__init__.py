"""The desktop program: a native window on the main thread, and under it a node in a thread of its own.

`program` is the order of events, `choice` and `probe` decide which window this machine can show, `window` shows it
with `qt` and `gtk` mending what the two toolkits need, `browser` is what remains without them, `background` runs the
node, `instance` finds the Lanchat that already runs, `shutdown` makes every way out short.
"""

from lanchat.desktop.probe import main
from lanchat.desktop.program import run

__all__ = [
    "main",
    "run",
]
