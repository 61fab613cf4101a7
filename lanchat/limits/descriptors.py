"""How many files and sockets this process may have open, and who gets how many of them."""

import contextlib
from typing import NamedTuple

from lanchat.limits.numbers import Limits

_ENOUGH = 65_536
_LEAST = 8


class Places(NamedTuple):
    """How many connections there may be at once.

    Attributes:
        window: of the owner's windows and programs, which have their own places.
        network: of everybody else.
        address: of one address among those.
    """

    window: int
    network: int
    address: int


def raise_descriptors() -> int:
    """Let this process have as many descriptors as the system allows it, and return how many those are."""
    try:
        import resource  # noqa: PLC0415 - absent on Windows, where a process may have millions
    except ImportError:
        return _ENOUGH
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _ENOUGH if soft == resource.RLIM_INFINITY else soft


def places(limits: Limits, descriptors: int) -> Places:
    """Divide the descriptors, so that neither connections nor one address can take what others need.

    Args:
        limits: the most of each, where there are enough.
        descriptors: how many this process may have; the database, the log and our own connections have some as well.
    """
    kept = min(limits.descriptors_reserved, descriptors // 4)
    window = max(_LEAST, min(limits.window_connections, descriptors // 8))
    network = max(_LEAST, min(limits.connections, descriptors - kept - window))
    return Places(window, network, max(1, min(limits.connections_per_address, network // 2)))
