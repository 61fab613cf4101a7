"""Frames to JSON and back, with a clear refusal for what is no frame. No input or output happens here."""

import msgspec

from lanchat.chat.protocol import (
    MAX_NONCE,
    MAX_PAGE,
    MAX_TEXT,
    VERSION,
    Command,
    Error,
    History,
    Join,
    Notice,
    Post,
)
from lanchat.errors import InvalidFrame, LanchatError, NotJson, TextTooLong, UnknownFrame

_encoder = msgspec.json.Encoder()
_commands = msgspec.json.Decoder(Command)
_notices = msgspec.json.Decoder(Notice)
_NO_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)
_HIGHEST = 2**63 - 1
_COMMAND_TYPES = frozenset(str(kind.__struct_config__.tag) for kind in Command.__args__)


def encode(frame: Command | Notice) -> bytes:
    """Give a frame's JSON form in UTF-8."""
    return _encoder.encode(frame)


def decode_command(data: str | bytes) -> Command:
    """Read what a client sent.

    Raises:
        NotJson: the data is not JSON.
        UnknownFrame: its `type` is none that a client may send.
        InvalidFrame: a field is missing or has the wrong type; the sentence names it.
    """
    try:
        command: Command = _commands.decode(data)
    except msgspec.ValidationError as error:
        raise _refusal(data, error) from None
    except _NO_JSON:
        raise NotJson("The frame is not JSON; send one JSON object with a type.") from None
    return command


def check_command(command: Command) -> None:
    """Check what the types do not say.

    Raises:
        InvalidFrame: a number is out of range, or a field is empty that must not be.
        TextTooLong: the text of a post is longer than MAX_TEXT.
    """
    match command:
        case Post(nonce=nonce, text=text):
            if len(text) > MAX_TEXT:
                raise TextTooLong(f"The text has {len(text)} characters; the most is {MAX_TEXT}.")
            if not text.strip():
                raise InvalidFrame("post: the text is empty.")
            if not 1 <= len(nonce) <= MAX_NONCE:
                raise InvalidFrame(f"post: a nonce has 1 to {MAX_NONCE} characters.")
        case Join(since=since, limit=limit):
            if not 0 <= since <= _HIGHEST or not 0 <= limit <= MAX_PAGE:
                raise InvalidFrame(f"join: since is 0 or more, limit 0 to {MAX_PAGE}.")
        case History(before=before, after=after, limit=limit):
            if (before is None) == (after is None):
                raise InvalidFrame("history: give either before or after.")
            if not 0 <= (before or after or 0) <= _HIGHEST or not 1 <= limit <= MAX_PAGE:
                raise InvalidFrame(f"history: before and after are 0 or more, limit 1 to {MAX_PAGE}.")
        case _:
            pass


def decode_notice(data: str | bytes) -> Notice:
    """Read what a node sent.

    Raises:
        NotJson: the data is not JSON.
        InvalidFrame: it is no notice of protocol v1.
    """
    try:
        notice: Notice = _notices.decode(data)
    except msgspec.ValidationError as error:
        raise InvalidFrame(f"The node sent a frame that is not of protocol v{VERSION}: {error}.") from None
    except _NO_JSON:
        raise NotJson from None
    return notice


def error_frame(error: LanchatError, *, nonce: str = "", room: str = "") -> Error:
    """Give the error frame that tells a client about `error`."""
    return Error(code=error.code, message=str(error), retry=error.retry, nonce=nonce, room=room)


def _refusal(data: str | bytes, error: msgspec.ValidationError) -> UnknownFrame | InvalidFrame:
    try:
        frame = msgspec.json.decode(data)
    except _NO_JSON:
        frame = None
    if not isinstance(frame, dict):
        return InvalidFrame("A frame is a JSON object with a type.")
    kind = frame.get("type")
    if not isinstance(kind, str):
        return InvalidFrame("The frame has no type.")
    if kind not in _COMMAND_TYPES:
        known = ", ".join(sorted(_COMMAND_TYPES))
        return UnknownFrame(f"There is no command of type {kind[:40]!r}; there are: {known}.")
    return InvalidFrame(f"{kind}: {error}.")
