"""How Python itself is set for a program that runs for days and has to answer everybody at once.

What the start of a node makes stays, so the garbage collector need not walk it: a full collection takes 20 to 40 ms of
a node that has just started, in which nobody is answered, and 0.4 ms without that. And a thread that computes, as a
search does, hands Python's lock to the event loop after a millisecond instead of five, each time the loop wants it.
"""

import gc
import sys

SWITCH = 0.001
"""Seconds after which a thread that computes gives way to one that waits for Python's lock."""


def begin() -> None:
    """Collect nothing until `settle`, for the time of a start, which makes nearly no garbage."""
    gc.disable()


def settle() -> None:
    """Collect from now on, but walk no more over what is there already; and let threads give way soon."""
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(SWITCH)
