"""An exported room, read and checked line by line."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from lanchat.archive.formats.lines import FORMAT, MAX_LINE, VERSION, EventLine, FirstEventLine, Header, Trailer
from lanchat.errors import InvalidArchive, LanchatError
from lanchat.identity import is_carrier, names
from lanchat.protocol import MAX_NONCE, Post, check_command

MAX_NAME = 200
"""Longest name of a person, in code points. Older versions may have allowed others than this one does."""
_HIGHEST = 2**53
Look = Callable[[int, Header, EventLine], None]
_line = msgspec.json.Decoder(Header | EventLine | Trailer)
_first_line = msgspec.json.Decoder(Header | FirstEventLine | Trailer)


class Archive:
    """A file that somebody says is an exported room. Use it with `with`: it is read whole and checked first.

    Args:
        path: the file.
        look: called with each event, its line and the header before anything else is made of the file.

    Attributes:
        header: which room it is.
        count: how many events it has.
        last: the seq of the last of them; 0 when there is none.
        end: what its last line says.
    """

    def __init__(self, path: Path, look: Look | None = None) -> None:
        self.path = path
        self.last = 0
        self._look = look
        self._file = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Open and check it. Raises InvalidArchive, which names the line and what is wrong with it."""
        with contextlib.ExitStack() as stack:
            try:
                self._bytes = stack.enter_context(self.path.open("rb"))
                self.header, self.count = self._check()
            except OSError as error:
                raise InvalidArchive(f"The file cannot be read: {error.strerror}.") from None
            self._file = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def lines(self) -> Iterator[EventLine]:
        """Return the events in their order. Raises InvalidArchive when the file has changed since it was checked."""
        for _, _, item in self._read():
            if isinstance(item, EventLine):
                yield item

    def _check(self) -> tuple[Header, int]:
        digest = hashlib.sha256()
        header: Header | None = None
        count = 0
        for number, data, item in self._read():
            match item:
                case Header() if number == 1:
                    header = _checked_header(item)
                case EventLine() if header is not None:
                    _check_line(number, item, self.last)
                    if self._look is not None:
                        self._look(number, header, item)
                    self.last, count = item.seq, count + 1
                case Trailer() if header is not None:
                    self._check_end(number, header.room, item, count, digest.hexdigest())
                    self.end = item
                    return header, count
                case _:
                    raise InvalidArchive(f"Line {number} does not belong there; this is no room that Lanchat exported.")
            digest.update(data)
        raise InvalidArchive("The file is empty." if header is None else f"The file was cut behind event {count}.")

    def _check_end(self, number: int, room: str, end: Trailer, count: int, digest: str) -> None:
        if end.count != count:
            raise InvalidArchive(f"Line {number}: there should be {end.count} events, and there are {count}.")
        if end.sha256 != digest:
            what = "the file was changed after it was exported"
            if self._look is not None:
                what += ": not what people said in it, but when, in which order, or what the first line says"
            raise InvalidArchive(f"Line {number}: {what}.")
        if (end.by or end.signature) and not is_carrier(end.by, room, digest, end.signature):
            raise InvalidArchive(f"Line {number} was altered: the file is not signed by who it says has written it.")
        if self._bytes.read(1):
            raise InvalidArchive(f"Line {number + 1} comes after the end.")

    def _read(self) -> Iterator[tuple[int, bytes, Header | EventLine | Trailer]]:
        self._bytes.seek(0)
        number = 0
        decoder: msgspec.json.Decoder[Header | FirstEventLine | EventLine | Trailer] = _line
        while data := self._bytes.readline(MAX_LINE + 1):
            number += 1
            if len(data) > MAX_LINE:
                raise InvalidArchive(f"Line {number} is longer than {MAX_LINE} bytes.")
            try:
                item = decoder.decode(data)
            except msgspec.ValidationError as error:
                raise InvalidArchive(f"Line {number}: {error}.") from None
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                whole = "is not JSON" if data.endswith(b"\n") else "was cut"
                raise InvalidArchive(f"Line {number} {whole}; this is no room that Lanchat exported.") from None
            if isinstance(item, Header) and item.version == 1:
                decoder = _first_line
            yield number, data, item.today() if isinstance(item, FirstEventLine) else item


def _checked_header(header: Header) -> Header:
    if header.format != FORMAT:
        raise InvalidArchive(f"Line 1: the format is {header.format[:40]!r}, not {FORMAT!r}.")
    if not 1 <= header.version <= VERSION:
        raise InvalidArchive(f"Line 1: version {header.version} was exported by a newer Lanchat; update this one.")
    try:
        name = names.room_name(header.name)
    except LanchatError as error:
        raise InvalidArchive(f"Line 1: {error}") from None
    return msgspec.structs.replace(header, name=name)


def _check_line(number: int, line: EventLine, last: int) -> None:
    body = line.body
    try:
        check_command(
            Post(
                room="",
                nonce=line.nonce,
                text=body.text,
                kind=line.kind,
                target=body.target,
                emoji=body.emoji,
                off=body.off,
            )
        )
    except LanchatError as error:
        raise InvalidArchive(f"Line {number}: {error}") from None
    if line.seq <= last or not 0 <= line.at <= _HIGHEST:
        raise InvalidArchive(f"Line {number}: the number or the time is not possible.")
    author = line.author
    if not (0 < len(author.id) <= MAX_NONCE and len(author.nick) <= MAX_NAME):
        raise InvalidArchive(f"Line {number}: the author is not possible.")
