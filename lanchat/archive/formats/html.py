"""A room as one HTML page that needs nothing else: no script, no other file, no network."""

import datetime as dt
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from lanchat.archive.formats.fold import Shown, fold
from lanchat.identity import Crowd
from lanchat.identity import shown as shown_event
from lanchat.journal import Reader, RoomRecord
from lanchat.protocol import AuthorKind, Event, Policy, followed
from lanchat.rooms import rule_words

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{name}</title>
<style>
:root {{ color-scheme: light dark; --quiet: #5c6470; --line: #d9dde3; }}
@media (prefers-color-scheme: dark) {{ :root {{ --quiet: #9aa3b0; --line: #363c45; }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
h2 {{ font-size: 0.9rem; color: var(--quiet); border-bottom: 1px solid var(--line); margin: 2rem 0 1rem; }}
article {{ margin: 0.75rem 0; }}
h3 {{ font-size: 1rem; margin: 0; }}
p {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }}
time, .quiet, ul {{ color: var(--quiet); font-weight: normal; font-size: 0.85rem; }}
ul {{ list-style: none; display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 0.25rem 0 0; padding: 0; }}
</style>
</head>
<body>
<h1><bdi>{name}</bdi></h1>
"""
_MEANING: dict[AuthorKind, str] = {
    "guest": "A guest of the computer that vouches for this, under a name that anybody can choose.",
    "unverified": "Imported, or from an older version: nobody can know who said this.",
}
_FOOT = "</body>\n</html>\n"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def write_html(reader: Reader, room: RoomRecord, pages: Iterable[list[Event]], file: BinaryIO) -> int:
    """Write a room as it reads now, edits folded in, deletions shown as such; return how many events there were.

    What a moderator has hidden is shown like what was deleted, and what a rule did as a quiet line.

    Days and times are those of this machine. Whoever has a name that looks like that of somebody before is marked.
    """
    written = 0
    crowd = Crowd()
    made = [*followed(room.owner, reader.rules(room.id))]
    policy = made[-1][1] if made else Policy(room.owner)
    holding = {event.nonce for event, _, rule in made if rule is not None}
    day: dt.date | None = None
    file.write(_HEAD.format(name=_text(room.name)).encode())
    for page in pages:
        here = [*map(shown_event, page)]
        for event in here:
            crowd.see(event.author)
        shown = fold(here, [*map(shown_event, reader.later(room.id, page))])
        shown += [Shown(event, event.body.text) for event in here if event.nonce in holding]
        shown.sort(key=lambda each: each.event.seq)
        for each in shown:
            if policy.hides(each.event):
                each.text, each.deleted, each.reactions = "", True, {}
        file.write("".join(_days(shown, day, crowd)).encode("utf-8", "replace"))
        day = _when(shown[-1]).date() if shown else day
        written += len(page)
    file.write(_FOOT.encode())
    return written


def _days(messages: Sequence[Shown], day: dt.date | None, crowd: Crowd) -> Iterator[str]:
    for message in messages:
        when = _when(message)
        if when.date() != day:
            day = when.date()
            yield f'<h2><time datetime="{day.isoformat()}">{day:%A}, {day.day} {day:%B} {day:%Y}</time></h2>\n'
        yield _rule(message, when, crowd) if message.event.kind == "rule" else _article(message, when, crowd)


def _rule(rule: Shown, when: dt.datetime, crowd: Crowd) -> str:
    clock = f'<time datetime="{when.isoformat(timespec="seconds")}">{when:%H:%M}</time>'
    who = f"<bdi>{_text(str(crowd.label(rule.event.author)))}</bdi>"
    return f'<p class="quiet" id="m{rule.event.seq}">{who} {_text(rule_words(rule.text, crowd.named))} {clock}</p>\n'


def _article(message: Shown, when: dt.datetime, crowd: Crowd) -> str:
    event = message.event
    clock = f'<time datetime="{when.isoformat(timespec="seconds")}">{when:%H:%M}</time>'
    edited = ' <span class="quiet">edited</span>' if message.edited else ""
    said = '<p class="quiet">This message was deleted.</p>'
    crowds = ""
    if not message.deleted:
        said = f'<p dir="auto">{_text(message.text)}</p>'
        labelled = ((emoji, [str(crowd.label(person)) for person in people]) for emoji, people in message.crowds)
        items = (f"<li>{_text(emoji)} <bdi>{_text(', '.join(people))}</bdi></li>" for emoji, people in labelled)
        crowds = f"<ul>{''.join(items)}</ul>" if message.crowds else ""
    label = crowd.label(event.author)
    head = f"<h3><bdi>{_text(label.name)}</bdi> {_mark(label.kind)}{clock}{edited}</h3>"
    return f'<article id="m{event.seq}">{head}{said}{crowds}</article>\n'


def _mark(kind: AuthorKind) -> str:
    return "" if kind == "verified" else f'<span class="quiet" title="{_MEANING[kind]}">({kind})</span> '


def _when(message: Shown) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(message.event.at / 1_000, dt.UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return dt.datetime.fromtimestamp(0, dt.UTC)


def _text(text: str) -> str:
    return html.escape(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text))
