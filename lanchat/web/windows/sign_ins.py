"""The browsers that were let in, and may come back: by a bearer of which only the hash is kept."""

import hashlib
import hmac
import logging
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

_MOST = 64
"""Browsers that are known at once; of more, the one that was away for longest is signed out."""
_LIFE = 90 * 86_400_000
"""Milliseconds after which a browser that did not come back is signed out."""
_NOTED = 3_600_000
"""Milliseconds: when somebody was here last is not written more often."""
_NAME = 80
FILE = "windows.json"
"""Name of the file in the data directory."""

_log = logging.getLogger(__name__)


class SignIn(msgspec.Struct):
    """A browser that was let in.

    Attributes:
        digest: SHA-256 of its bearer.
        name: what kind of browser it is, as it says.
        since, seen: when it was let in, and when it came last: milliseconds since 1970.
        kept: whether it may come back after this run of the node.
    """

    digest: bytes
    name: str
    since: int
    seen: int
    kept: bool = True

    @property
    def id(self) -> str:
        """By which it is named: who knows it, knows neither the bearer nor its hash."""
        return hashlib.sha256(self.digest).hexdigest()[:16]


class _File(msgspec.Struct):
    port: int
    windows: list[SignIn]


class SignIns:
    """The browsers that may use the window's app without another one-time token.

    What a browser keeps for a page belongs to an address with its port, and whoever gets that port can have it read
    there. So it holds at one port only: a node that listens at another one has signed everybody out.

    Args:
        path: of the file; None to keep nothing.
        port: on which the window's app listens.
    """

    def __init__(self, path: Path | None, port: int) -> None:
        self._path = path
        self._port = port
        now = _now()
        known = [] if path is None else _read(path, port)
        self._known = {known.digest: known for known in known if known.seen > now - _LIFE}

    def __iter__(self) -> Iterator[SignIn]:
        return iter(sorted(self._known.values(), key=lambda known: -known.seen))

    def add(self, name: str, *, keep: bool) -> str:
        """Let a browser in, and return its bearer."""
        bearer = secrets.token_urlsafe(32)
        now = _now()
        new = SignIn(digest=_digest(bearer), name=name[:_NAME], since=now, seen=now, kept=keep)
        newest = sorted(self._known.values(), key=lambda known: known.seen)[-_MOST + 1 :]
        self._known = {known.digest: known for known in (*newest, new)}
        self._write()
        return bearer

    def knows(self, bearer: str) -> bool:
        """Return whether a browser with this bearer was let in. It is found by its hash, so timing tells nothing."""
        return _digest(bearer) in self._known

    def renew(self, bearer: str) -> bool:
        """Note that a browser has come back; False when it is not known."""
        known = self._known.get(_digest(bearer))
        if known is not None:
            self._seen(known)
        return known is not None

    def prove(self, window: str, nonce: str) -> str | None:
        """Return what only this node can say to a browser that it has let in; None for one that it does not know.

        It is HMAC-SHA-256 under the bearer's hash, over the port and the browser's nonce. With the port, whoever has
        another port of this machine cannot have us answer in their place.
        """
        known = self.find(window)
        if known is None:
            return None
        self._seen(known)
        return hmac.new(known.digest, f"lanchat {self._port} {nonce}".encode(), hashlib.sha256).hexdigest()

    def is_of(self, known: SignIn, bearer: str) -> bool:
        """Return whether a browser is the one that has this bearer."""
        return known.digest == _digest(bearer)

    def find(self, window: str) -> SignIn | None:
        """Return the browser with this id."""
        return next((known for known in self._known.values() if known.id == window), None)

    def sign_out(self, *windows: str) -> int:
        """Know browsers no more; all of them when none is named. Returns how many they were."""
        before = len(self._known)
        self._known = {digest: known for digest, known in self._known.items() if windows and known.id not in windows}
        self._write()
        return before - len(self._known)

    def _seen(self, known: SignIn) -> None:
        now = _now()
        if abs(now - known.seen) >= _NOTED:
            known.seen = now
            self._write()

    def _write(self) -> None:
        """Write the file, readable by its owner only. What cannot be written holds for this run."""
        kept = [known for known in self._known.values() if known.kept]
        if self._path is None or not (kept or self._path.exists()):
            return
        new = self._path.with_suffix(".new")
        try:
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(msgspec.json.encode(_File(port=self._port, windows=kept)))
            new.replace(self._path)
        except OSError as error:
            _log.warning("Who is signed in cannot be kept: %s", error.strerror)


def _read(path: Path, port: int) -> list[SignIn]:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return []
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        _log.warning("Who was signed in cannot be read, so everybody is signed out.")
        return []
    return kept.windows if kept.port == port else []


def _digest(bearer: str) -> bytes:
    return hashlib.sha256(bearer.encode(errors="surrogatepass")).digest()


def _now() -> int:
    return time.time_ns() // 1_000_000
