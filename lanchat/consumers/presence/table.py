"""Who is here: the connections of this process, what the others say of theirs, and who has just left. No I/O."""

from collections.abc import Hashable, Iterable
from typing import NamedTuple, TypeGuard

from lanchat.consumers.errors import TooManyUsers

LONGEST = 200
"""Characters that a user's name has at most."""


class PresenceChange(NamedTuple):
    """Who has come and who has gone since the last look."""

    joined: list[str]
    left: list[str]


class PresenceTable:
    """The users of one topic. Times are seconds of one clock, given by whoever calls.

    Args:
        grace: seconds after which a user without a connection has left.
        lease: seconds for which the word of another process counts.
        most: users at most.

    Attributes:
        passed_over: users of other processes for whom there was no room.
    """

    def __init__(self, *, grace: float, lease: float, most: int) -> None:
        self._grace = grace
        self._lease = lease
        self._most = most
        self._here: dict[Hashable, str] = {}
        self._elsewhere: dict[str, tuple[float, frozenset[str]]] = {}
        self._shown: dict[str, float | None] = {}  # when a user will have left; None for who is here
        self._new: list[str] = []
        self.passed_over = 0

    @property
    def users(self) -> list[str]:
        """Who is here, or left less than the grace ago, sorted."""
        return sorted(self._shown)

    @property
    def ours(self) -> list[str]:
        """The users with connections to this process, sorted."""
        return sorted(set(self._here.values()))

    @property
    def has_connections(self) -> bool:
        """Whether anybody is connected to this process."""
        return bool(self._here)

    def enter(self, connection: Hashable, user: object) -> None:
        """Take a connection of a user.

        Raises:
            ValueError: this names no user.
            TooManyUsers: there is no room.
        """
        if not is_user(user):
            raise ValueError(f"A user's name is a text of 1 to {LONGEST} characters, not {user!r}.")
        if user not in self._shown and len(self._shown) >= self._most:
            raise TooManyUsers(f"There are {self._most} users here already.")
        self._here[connection] = user
        if user not in self._shown:
            self._shown[user] = None
            self._new.append(user)

    def leave(self, connection: Hashable) -> None:
        """Forget a connection, if it is known."""
        self._here.pop(connection, None)

    def hear(self, node: str, users: Iterable[object], now: float) -> None:
        """Take what another process says of all its users."""
        named = frozenset(user for user in users if is_user(user))
        if named:
            self._elsewhere[node] = (now + self._lease, named)
        else:
            self._elsewhere.pop(node, None)

    def hold(self, now: float) -> None:
        """Let the word of every other process count once more: none can be heard now."""
        self._elsewhere = {node: (now + self._lease, users) for node, (_, users) in self._elsewhere.items()}

    def look(self, now: float) -> PresenceChange:
        """Return who has come and gone since the last look."""
        self._elsewhere = {node: word for node, word in self._elsewhere.items() if word[0] > now}
        present = set(self._here.values()).union(*(users for _, users in self._elsewhere.values()))
        new = sorted(present - self._shown.keys())
        room = max(0, self._most - len(self._shown))
        self.passed_over += max(0, len(new) - room)
        left = []
        for user, leaves in tuple(self._shown.items()):
            if user in present:
                self._shown[user] = None
            elif leaves is None:
                self._shown[user] = now + self._grace
            elif leaves <= now:
                del self._shown[user]
                left.append(user)
        for user in new[:room]:
            self._shown[user] = None
        joined, self._new = sorted([*self._new, *new[:room]]), []
        return PresenceChange(joined, sorted(left))

    def due(self) -> float | None:
        """Return when the next user will have left, or the word of a process will have ended; None for never."""
        times = [leaves for leaves in self._shown.values() if leaves is not None]
        return min([*times, *(end for end, _ in self._elsewhere.values())], default=None)


def is_user(name: object) -> TypeGuard[str]:
    """Return whether this can name a user."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST:
        return False
    try:
        name.encode()
    except UnicodeEncodeError:  # half a character, which no layer carries
        return False
    return True
