"""Who may use the window's app: one-time tokens, swapped for bearers, and the key of local programs."""

import hmac
import secrets
import time

ONCE_LIFE = 60.0
"""Seconds that a one-time token may be swapped: as long as a slow machine needs to open a window."""
_MOST = 64


class Keys:
    """Tokens of one run of the node; nothing of it is kept.

    Attributes:
        local: the bearer for programs of the same user, written into the runtime file.
    """

    def __init__(self) -> None:
        self.local = secrets.token_urlsafe(32)
        self._once: dict[str, float] = {}
        self._bearers: list[str] = []

    def issue(self) -> str:
        """Return a one-time token for a window."""
        now = time.monotonic()
        self._once = {token: until for token, until in self._once.items() if until > now}
        token = secrets.token_urlsafe(32)
        self._once[token] = now + ONCE_LIFE
        return token

    def swap(self, token: str) -> str | None:
        """Return a bearer for a one-time token, which is used up by that; None when it is not valid."""
        until = self._once.pop(token, 0.0)
        if until < time.monotonic():
            return None
        bearer = secrets.token_urlsafe(32)
        self._bearers = [*self._bearers[-_MOST:], bearer]
        return bearer

    def is_key(self, token: str) -> bool:
        """Return whether `token` is a valid bearer; takes the same time for every wrong one."""
        given = token.encode(errors="surrogatepass")  # a header that was not UTF-8
        matches = [hmac.compare_digest(given, known.encode()) for known in (self.local, *self._bearers)]
        return any(matches)
