"""The Lanchat that already runs on a data directory: the node's runtime file, and asking its window to the front."""

import http.client
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from lanchat.runtime import read

_PATIENCE = 2.0
_LARGEST_ANSWER = 65_536


class Front(msgspec.Struct, frozen=True):
    """Answer of a running node: its window is in front now, or the URL at which one may be opened."""

    shown: bool
    url: str = ""


def ask_front(data_dir: Path) -> Front | None:
    """Ask the node of a data directory to bring its window to the front; None when no node answers."""
    running = read(data_dir)
    if running is None:
        return None
    try:
        # http.client and not urllib: no proxy of the environment may stand between us and ourselves.
        address = urlsplit(running.window)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_PATIENCE)
    except ValueError:
        return None
    try:
        connection.request("POST", "/front", headers={"Authorization": f"Bearer {running.key}"})
        answer = connection.getresponse()
        body = answer.read(_LARGEST_ANSWER)
        return msgspec.json.decode(body, type=Front) if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    finally:
        connection.close()


def wait_for_front(data_dir: Path, seconds: float) -> Front | None:
    """Ask until a node answers that is only just starting, at most so many seconds."""
    until = time.monotonic() + seconds
    while (answer := ask_front(data_dir)) is None and time.monotonic() < until:
        time.sleep(0.1)
    return answer
