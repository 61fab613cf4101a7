"""What is counted, and how each number is called. Numbers only: no name, no text and no address is in any of them."""

from typing import NamedTuple

CLIENTS = ("window", "guest", "link", "script")


class Counter(NamedTuple):
    """One number that only grows.

    Attributes:
        text: what it counts, as a person reads it.
        label: the label that distinguishes its parts; empty when it has none.
        values: the parts that are always shown, also at 0.
    """

    text: str
    label: str = ""
    values: tuple[str, ...] = ()


COUNTERS = {
    "events_kept": Counter("Entries kept in rooms here", "kind", ("message", "edit", "reaction", "deletion")),
    "connections_opened": Counter("Clients that sent hello", "client", CLIENTS),
    "connections_closed": Counter("Clients that left", "client", CLIENTS),
    "sockets_opened": Counter("WebSockets that were opened", "socket"),
    "sockets_closed": Counter("WebSockets that ended", "socket"),
    "slow_readers_cut_off": Counter("Connections cut off because they read too slowly"),
    "repairs": Counter("Holes closed from the journal"),
    "refusals": Counter("Commands refused", "code"),
    "rooms_opened": Counter("Rooms made or joined", "kind", ("home", "mirror")),
    "links_up": Counter("Links to the homes of mirrors that came up"),
    "links_down": Counter("Links to the homes of mirrors that were lost"),
    "shared_joined": Counter("Times that this node came to its Redis, the first one among them"),
    "shared_refilled": Counter("Entries of shared rooms that Redis had lost and this node brought back"),
    "shared_refused": Counter("What came from Redis, or was answered by it, that this node did not take"),
    "notifications": Counter("Notifications sent", "kind", ("mention", "invitation", "announcement")),
    "jobs": Counter("Long pieces of work that ended", "state", ("done", "failed", "cancelled")),
    "page_views": Counter("Page views reported to the analytics socket"),
}
"""Every number that is counted, by its name."""
