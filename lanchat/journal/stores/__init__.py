"""What the journal keeps beside history, as the rest of Lanchat sees it: over its writer and its reader."""

from lanchat.journal.stores.doors import DoorStore, Reading, Writing
from lanchat.journal.stores.ledgers import PIECE, LedgerStore
from lanchat.journal.stores.unions import UnionStore

__all__ = ["PIECE", "DoorStore", "LedgerStore", "Reading", "UnionStore", "Writing"]
