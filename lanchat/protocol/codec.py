"""Frames to JSON and back, with a clear refusal for what is no frame. No input or output happens here."""

from typing import NamedTuple

import msgspec

from lanchat.errors import InvalidFrame, LanchatError, NotJson, SlowDown, UnknownFrame
from lanchat.protocol.commands import Command
from lanchat.protocol.limits import MAX_REF, VERSION
from lanchat.protocol.replies import Error, Event, Reply

_encoder = msgspec.json.Encoder()
_commands = msgspec.json.Decoder(Command)
_replies = msgspec.json.Decoder(Reply)
_events = msgspec.json.Decoder(Event)
_NO_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)
_COMMAND_TYPES = frozenset(str(kind.__struct_config__.tag) for kind in Command.__args__)


class Subject(NamedTuple):
    """What an error says about the command that was refused."""

    ref: int = 0
    nonce: str = ""
    room: str = ""


def encode(frame: Command | Reply) -> bytes:
    """Return a frame's JSON form in UTF-8."""
    return _encoder.encode(frame)


def decode_command(data: str | bytes) -> Command:
    """Read what a client sent.

    Raises:
        NotJson: the data is not JSON.
        UnknownFrame: no client may send its `type`.
        InvalidFrame: a field is missing or has the wrong type; the sentence names it.
    """
    try:
        command: Command = _commands.decode(data)
    except msgspec.ValidationError as error:
        raise _refusal(data, error) from None
    except _NO_JSON:
        raise NotJson("The frame is not JSON; send one JSON object with a type.") from None
    return command


def decode_reply(data: str | bytes) -> Reply:
    """Read what a node sent.

    Raises:
        NotJson: the data is not JSON.
        InvalidFrame: it is not a reply of this version of the protocol.
    """
    try:
        notice: Reply = _replies.decode(data)
    except msgspec.ValidationError as error:
        raise InvalidFrame(f"The node sent a frame that is not of protocol v{VERSION}: {error}.") from None
    except _NO_JSON:
        raise NotJson from None
    return notice


def decode_event(data: bytes) -> Event:
    """Read an event that this node has encoded."""
    event: Event = _events.decode(data)
    return event


def subject_of(command: Command) -> Subject:
    """Return what an error says about this command."""
    return _subject(command.ref, getattr(command, "nonce", ""), getattr(command, "room", ""))


def read_subject(data: str | bytes) -> Subject:
    """Return what can be read of a frame that is not a command; what has the wrong type is passed over."""
    try:
        frame = msgspec.json.decode(data)
    except _NO_JSON:
        return Subject()
    if not isinstance(frame, dict):
        return Subject()
    return _subject(frame.get("ref"), frame.get("nonce"), frame.get("room"))


def error_frame(error: LanchatError, *, ref: int = 0, nonce: str = "", room: str = "") -> Error:
    """Return the error frame that tells a client about `error`."""
    wait = round(error.wait, 3) if isinstance(error, SlowDown) else 0.0
    return Error(code=error.code, message=str(error), retry=error.retry, ref=ref, nonce=nonce, room=room, wait=wait)


def _subject(ref: object, nonce: object, room: object) -> Subject:
    return Subject(
        ref if isinstance(ref, int) and not isinstance(ref, bool) and 0 <= ref <= MAX_REF else 0,
        nonce if isinstance(nonce, str) else "",
        room if isinstance(room, str) else "",
    )


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
