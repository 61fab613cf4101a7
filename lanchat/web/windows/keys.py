"""Who may use the window's app: one-time tokens, swapped for bearers, and the key of local programs."""

import hmac
import secrets
import time

from lanchat.web.windows.sign_ins import SignIns

ONCE_LIFE = 60.0
"""Seconds that a one-time token may be swapped: as long as a slow machine needs to open a window."""


class Keys:
    """Tokens of one run of the node, and the bearers of its windows.

    Args:
        windows: knows the bearers, also those of former runs.

    Attributes:
        local: the bearer for programs of the same user, written into the runtime file.
        windows: the same.
    """

    def __init__(self, windows: SignIns) -> None:
        self.local = secrets.token_urlsafe(32)
        self.windows = windows
        self._once: dict[str, float] = {}

    def issue(self) -> str:
        """Return a one-time token for a window."""
        now = time.monotonic()
        self._once = {token: until for token, until in self._once.items() if until > now}
        token = secrets.token_urlsafe(32)
        self._once[token] = now + ONCE_LIFE
        return token

    def enter(self, token: str, bearer: str = "", *, name: str = "", keep: bool = False) -> str | None:
        """Let a window in, and return its bearer; None when it has nothing that is valid.

        Args:
            token: a one-time token, which is used up by that; empty when there is none.
            bearer: what its browser was given before; it goes on with that one while it holds.
            name: how its browser is shown to the person.
            keep: whether a new bearer holds after this run: the browser keeps it, and can tell this node from others.
        """
        invited = self._once.pop(token, 0.0) >= time.monotonic()
        if self.windows.renew(bearer):
            return bearer
        return self.windows.add(name, keep=keep) if invited else None

    def is_key(self, token: str) -> bool:
        """Return whether `token` is a valid bearer; how long that takes says nothing about a wrong one."""
        given = token.encode(errors="surrogatepass")  # a header that was not UTF-8
        is_local = hmac.compare_digest(given, self.local.encode())
        return self.windows.knows(token) or is_local
