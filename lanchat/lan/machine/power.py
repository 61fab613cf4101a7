"""Whether this machine stays where it is: a laptop is carried away, and ends when its battery does."""

from pathlib import Path

_SUPPLIES = Path("/sys/class/power_supply")


def has_battery(supplies: Path = _SUPPLIES) -> bool:
    """Return whether this machine runs from a battery of its own; False where that is not told.

    Linux tells it (https://docs.kernel.org/power/power_supply_class.html). Batteries of mice and headphones have the
    scope `Device`.

    Args:
        supplies: the folder in which there is a folder for each supply.
    """
    return any(
        _text(supply / "type") == "Battery" and _text(supply / "scope") != "Device" for supply in supplies.glob("*")
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
