"""What can still be read of a damaged database file: its pages, one by one, without trusting how they hang together.

Format: https://sqlite.org/fileformat2.html. Only pages of rows that are in use are read; what is on the list of free
pages was deleted. A row that makes no sense is passed over.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

MAGIC = b"SQLite format 3\x00"
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR = 0x0D, 0x0A, 0x02
Value = int | float | str | bytes | None

# How a value is kept: by itself, as a number of so many bytes, or, from 12 on, as a blob (even) or a text (odd).
_CONSTANTS: dict[int, Value] = {0: None, 8: 0, 9: 1}
_FLOAT, _BLOB = 7, 12
_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, _FLOAT: 8, 10: -1, 11: -1}
_PAGE_SIZES = frozenset(1 << power for power in range(9, 17))
_MOST = 1_000_000
"""Longest row that is believed, in bytes."""
_NONSENSE = (struct.error, IndexError, ValueError)


class SavedRow(NamedTuple):
    """One row. `key` is its rowid; None in an index, or in a table without."""

    key: int | None
    values: tuple[Value, ...]


class Pages:
    """The pages of a database file, with those of its write-ahead log over them.

    Args:
        path: the file; `-wal` beside it is read as well. Nothing is written.

    Attributes:
        has_header: the file begins as SQLite's files do.
        whole: all pages are there that the file says it has.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._log: BinaryIO | None = None
        header = self._file.read(100).ljust(100, b"\0")
        self.has_header = header.startswith(MAGIC)
        self._size = _page_size(header)
        self._usable = self._size - (header[20] if self.has_header else 0)
        self._count = -(-path.stat().st_size // self._size)
        self._logged: dict[int, int] = {}
        claimed = struct.unpack_from(">I", header, 28)[0] if self.has_header else 0
        log = path.with_name(path.name + "-wal")
        if log.exists():
            self._log = log.open("rb")
            claimed = self._read_log(self._log, log.stat().st_size) or claimed
        self._count = max([self._count, *self._logged])
        self.whole = self.has_header and self._count >= claimed

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        if self._log is not None:
            self._log.close()

    def rows(self) -> Iterator[SavedRow]:
        """Return every row that can be read, in no order. The same row may come twice."""
        free = self._free()
        for number in range(1, self._count + 1):
            if number not in free:
                yield from self._rows(number)

    def _page(self, number: int) -> bytes:
        if number in self._logged and self._log is not None:
            self._log.seek(self._logged[number])
            return self._log.read(self._size)
        self._file.seek((number - 1) * self._size)
        return self._file.read(self._size)

    def _read_log(self, log: BinaryIO, size: int) -> int:
        """Note the newest committed form of each page in the log; give the number of pages after the last commit."""
        header = log.read(32)
        pages = 0
        pending: dict[int, int] = {}
        for place in range(32, size - self._size - 23, 24 + self._size):
            log.seek(place)
            frame = log.read(24)
            number, commit = struct.unpack_from(">II", frame)
            if frame[8:16] != header[16:24]:
                break
            pending[number] = place + 24
            if commit:
                self._logged.update(pending)
                pending.clear()
                pages = commit
        return pages

    def _free(self) -> set[int]:
        free: set[int] = set()
        if not self.has_header:
            return free
        trunk = struct.unpack_from(">I", self._page(1), 32)[0]
        while trunk and trunk not in free and trunk <= self._count:
            free.add(trunk)
            page = self._page(trunk).ljust(8, b"\0")
            trunk, size = struct.unpack_from(">II", page)
            size = min(size, len(page) // 4 - 2)
            free.update(struct.unpack_from(f">{size}I", page, 8))
        return free

    def _rows(self, number: int) -> Iterator[SavedRow]:
        page = self._page(number)
        start = 100 if number == 1 else 0
        try:
            kind, size = page[start], struct.unpack_from(">H", page, start + 3)[0]
            pointers = start + (12 if kind == _INDEX_INTERIOR else 8)
            places = struct.unpack_from(f">{size}H", page, pointers)
        except _NONSENSE:
            return
        if kind not in {_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR}:
            return
        for place in places:
            try:
                yield self._row(page, kind, place)
            except _NONSENSE:
                continue

    def _row(self, page: bytes, kind: int, place: int) -> SavedRow:
        place += 4 if kind == _INDEX_INTERIOR else 0
        size, place = _varint(page, place)
        key = None
        if kind == _TABLE_LEAF:
            key, place = _varint(page, place)
        if not 0 < size <= _MOST:
            raise ValueError
        return SavedRow(key, _values(self._payload(page, place, size, table=kind == _TABLE_LEAF)))

    def _payload(self, page: bytes, place: int, size: int, *, table: bool) -> bytes:
        """Return the bytes of a row; what its page has no room for lies on overflow pages, one behind the other."""
        usable = self._usable
        most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return page[place : place + size]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        local = local if local <= most else least
        parts = [page[place : place + local]]
        left, following = size - local, struct.unpack_from(">I", page, place + local)[0]
        while left > 0:
            more = self._page(following) if 0 < following <= self._count else b""
            following = struct.unpack_from(">I", more)[0]
            parts.append(more[4 : min(usable, 4 + left)])
            left -= usable - 4
        return b"".join(parts)


def _page_size(header: bytes) -> int:
    size: int = struct.unpack_from(">H", header, 16)[0]
    size = 65_536 if size == 1 else size
    return size if header.startswith(MAGIC) and size in _PAGE_SIZES else 4_096


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for length in range(8):
        byte = data[place + length]
        value = value << 7 | byte & 0x7F
        if byte == byte & 0x7F:
            return value, place + length + 1
    return value << 8 | data[place + 8], place + 9


def _values(payload: bytes) -> tuple[Value, ...]:
    end, place = _varint(payload, 0)
    data, values = end, []
    while place < end:
        kind, place = _varint(payload, place)
        value, data = _value(payload, data, kind)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, place: int, kind: int) -> tuple[Value, int]:
    if kind in _CONSTANTS:
        return _CONSTANTS[kind], place
    size = _SIZES[kind] if kind in _SIZES else (kind - _BLOB) // 2
    data = payload[place : place + size]
    if size < 0 or len(data) < size:
        raise ValueError
    place += size
    if kind == _FLOAT:
        return struct.unpack(">d", data)[0], place
    if kind < _FLOAT:
        return int.from_bytes(data, "big", signed=True), place
    return (data.decode() if kind % 2 else data), place
