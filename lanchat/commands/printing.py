"""What others have written, as it can be shown in a terminal."""

from datetime import datetime

from lanchat.protocol import Event, RoomInfo

_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """Replace what would move the cursor of a terminal, change its colours or reverse its text, by spaces."""
    return "".join(letter if letter.isprintable() or letter in _JOINERS else " " for letter in text)


def format_event(event: Event) -> str:
    """Return an event as a person reads it in a terminal: the time here, the name, and the lines of the text."""
    try:
        at = datetime.fromtimestamp(event.at / 1000).astimezone().strftime("%H:%M")
    except (OverflowError, OSError, ValueError):
        at = "--:--"  # a home may send anything
    lines = (visible(line.expandtabs(4)) for line in event.body.text.splitlines())
    return f"{at} {visible(event.author.nick)}: " + "\n      ".join(lines)


def format_room(info: RoomInfo) -> str:
    """Return a room as one line of a list: its name, who is in it, the node of its home, and how much is here yet."""
    members = f"{info.members} here" if info.members else "empty"
    line = f"{visible(info.name)}\t{members}\t{visible(info.node.name)}"
    if info.full:
        return f"{line}\tfull: nothing more is fetched"
    return f"{line}\tfetching {info.top} of {info.fetching}" if info.fetching else line
