"""Where the window was and how large, kept between two starts in `window.json`."""

from pathlib import Path

import msgspec

_FILE = "window.json"
SMALLEST = (360, 400)
"""Least width and height of the window, in logical pixels."""
_LARGEST = 16_384


class Geometry(msgspec.Struct, kw_only=True):
    """Size and place in logical pixels; a place of None leaves it to the system."""

    width: int = 1000
    height: int = 720
    x: int | None = None
    y: int | None = None
    maximized: bool = False


def load(data_dir: Path) -> Geometry:
    """Read what was kept; the defaults when there is nothing, or nothing sensible."""
    try:
        geometry = msgspec.json.decode((data_dir / _FILE).read_bytes(), type=Geometry)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Geometry()
    geometry.width = min(max(geometry.width, SMALLEST[0]), _LARGEST)
    geometry.height = min(max(geometry.height, SMALLEST[1]), _LARGEST)
    return geometry


def save(data_dir: Path, geometry: Geometry) -> None:
    """Keep it. A disk that is full costs the size, not the program."""
    path = data_dir / _FILE
    beside = path.with_suffix(".new")
    try:
        beside.write_bytes(msgspec.json.encode(geometry))
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
