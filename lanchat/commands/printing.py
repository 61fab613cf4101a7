"""What others have written, as it can be shown in a terminal."""

from datetime import datetime

import click

from lanchat.commands.identity import short
from lanchat.errors import DiskFull, OtherNode
from lanchat.identity import Crowd
from lanchat.protocol import Author, Event, RoomInfo, WaitingPost
from lanchat.rooms import rule_words

_told: set[str] = set()
_SHORT = 6
"""Signs of a room's id that tell it from another one of its name; its label in mDNS has as many."""
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """Replace what would move the cursor of a terminal, change its colours or reverse its text, by spaces."""
    return "".join(letter if letter.isprintable() or letter in _JOINERS else " " for letter in text)


def format_event(event: Event, crowd: Crowd) -> str:
    """Return an event as a person reads it in a terminal: the time here, the name, and the lines of the text.

    What a rule did is said in words, behind a star.

    Args:
        event: what was said.
        crowd: those who were read before; who has a name that looks like one of theirs is marked.
    """
    try:
        at = datetime.fromtimestamp(event.at / 1000).astimezone().strftime("%H:%M")
    except (OverflowError, OSError, ValueError):
        at = "--:--"  # a home may send anything
    if event.kind == "rule":
        crowd.see(event.author)
        author = visible(str(crowd.label(event.author)))
        return f"{at} * {author} {visible(rule_words(event.body.text, crowd.named))}"
    return f"{at} {_said(event.author, event.body.text, crowd)}"


def format_waiting(post: WaitingPost, home: str, crowd: Crowd) -> str:
    """Return what waits for a room's home as a person reads it in a terminal.

    Args:
        post: what was said.
        home: name of the machine that it waits for.
        crowd: as in `format_event`.
    """
    return f"--:-- {_said(post.author, post.body.text, crowd)} (waits for {visible(home)})"


def format_room(info: RoomInfo, *, twin: bool = False) -> str:
    """Return a room as one line of a list: its name, who is in it, the node of its home, and how much is here yet.

    Args:
        info: the room.
        twin: whether another one has a name that looks like this; then the beginning of its id stands behind it.
    """
    members = f"{info.members} here" if info.members else "empty"
    name = visible(f"{info.name} ·{info.id[:_SHORT]}" if twin else info.name)
    line = f"{name}\t{members}\t{visible(info.node.name)}"
    if signs := _signs(info):
        line += f"\t{signs}"
    if info.refused == OtherNode.code:
        return f"{line}\tanother machine answers there"
    if info.refused == DiskFull.code:
        return f"{line}\tthe disk here is full: nothing more is kept"
    if info.full:
        return f"{line}\tfull: nothing more is fetched; lanchat forget, keep_days and [limits] make room"
    if info.fetching:
        return f"{line}\tfetching {info.top} of {info.fetching}"
    return line if info.online else f"{line}\taway"


def _signs(info: RoomInfo) -> str:
    """Return what is not usual at the door of a room; empty where everybody comes in."""
    doors = {"open": "", "passphrase": "by passphrase", "invite": "by invitation"}
    guests = {"on": "", "read": "guests only read", "off": "no guests"}
    signs = (doors[info.door], "locked" * info.locked, "in no list" * (not info.listed), guests[info.guests])
    return ", ".join(filter(None, signs))


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


def _said(author: Author, text: str, crowd: Crowd) -> str:
    lines = (visible(line.expandtabs(4)) for line in text.splitlines())
    crowd.see(author)
    return f"{visible(str(crowd.label(author)))}: " + "\n      ".join(lines)
