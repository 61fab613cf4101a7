"""Server-sent events as they are written (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import re

HEARTBEAT = b":\n\n"
"""A comment, which keeps a connection from looking dead, and tells the page nothing."""

_LINE = re.compile(r"\r\n|\r|\n")
_LONGEST_ID = 1000


def event_bytes(data: str, *, event: str | None = None, id: str | None = None, retry: float | None = None) -> bytes:  # noqa: A002 - the name of the field
    """Return one event.

    Args:
        data: what the page gets, of as many lines as it likes.
        event: the type; None for `message`.
        id: what the browser says when it comes back, as the header Last-Event-ID.
        retry: seconds after which it comes back when the connection is lost.

    Raises:
        ValueError: a type or an id that cannot be written, or a time that is no time.
    """
    fields = []
    if event is not None:
        if not event or _LINE.search(event):
            raise ValueError(f"The type of an event is one line, not {event!r}.")
        fields.append(f"event: {event}")
    if id is not None:
        if len(id) > _LONGEST_ID or "\0" in id or _LINE.search(id):
            raise ValueError(f"The id of an event is one line of at most {_LONGEST_ID} characters, not {id!r}.")
        fields.append(f"id: {id}")
    if retry is not None:
        if not 0 <= retry < 1e6:  # noqa: PLR2004 - eleven days, and no infinity
            raise ValueError(f"A browser comes back after some seconds, not after {retry!r}.")
        fields.append(f"retry: {round(retry * 1000)}")
    fields += [f"data: {line}" for line in _LINE.split(data)]
    return ("\n".join(fields) + "\n\n").encode("utf-8", "replace")


def last_event_id(value: str | None) -> str:
    """Return the id that a browser has sent back in its header; empty when there is none that we could have given."""
    if value is None:
        return ""
    try:
        found = value.encode("latin-1").decode()  # browsers write it in UTF-8
    except UnicodeDecodeError:
        return ""
    return found if len(found) <= _LONGEST_ID and "\0" not in found else ""
