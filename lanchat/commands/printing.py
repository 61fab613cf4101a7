"""What others have written, as it can be shown in a terminal."""

from datetime import datetime

import click

from lanchat.commands.identity import short
from lanchat.errors import OtherNode
from lanchat.identity import Crowd
from lanchat.protocol import Event, RoomInfo

_told: set[str] = set()
_SHORT = 6
"""Signs of a room's id that tell it from another one of its name; its label in mDNS has as many."""
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """Replace what would move the cursor of a terminal, change its colours or reverse its text, by spaces."""
    return "".join(letter if letter.isprintable() or letter in _JOINERS else " " for letter in text)


def format_event(event: Event, crowd: Crowd) -> str:
    """Return an event as a person reads it in a terminal: the time here, the name, and the lines of the text.

    Args:
        event: what was said.
        crowd: those who were read before; who has a name that looks like one of theirs is marked.
    """
    try:
        at = datetime.fromtimestamp(event.at / 1000).astimezone().strftime("%H:%M")
    except (OverflowError, OSError, ValueError):
        at = "--:--"  # a home may send anything
    lines = (visible(line.expandtabs(4)) for line in event.body.text.splitlines())
    crowd.see(event.author)
    return f"{at} {visible(str(crowd.label(event.author)))}: " + "\n      ".join(lines)


def format_room(info: RoomInfo, *, twin: bool = False) -> str:
    """Return a room as one line of a list: its name, who is in it, the node of its home, and how much is here yet.

    Args:
        info: the room.
        twin: whether another one has a name that looks like this; then the beginning of its id stands behind it.
    """
    members = f"{info.members} here" if info.members else "empty"
    name = visible(f"{info.name} ·{info.id[:_SHORT]}" if twin else info.name)
    line = f"{name}\t{members}\t{visible(info.node.name)}"
    if info.refused == OtherNode.code:
        return f"{line}\tanother machine answers there"
    if info.full:
        return f"{line}\tfull: nothing more is fetched; lanchat forget, keep_days and [limits] make room"
    return f"{line}\tfetching {info.top} of {info.fetching}" if info.fetching else line


def tell_stranger(address: str, node: str) -> None:
    """Say on stderr, once, which node answered at a typed address: nothing says that it is the one that was meant.

    Args:
        address: as it was typed.
        node: id of the node.
    """
    if node not in _told:
        _told.add(node)
        click.echo(
            f"The key of {visible(address)} begins with {short(node)}; there, `lanchat identity` shows it.", err=True
        )
