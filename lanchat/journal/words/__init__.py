"""The words of what was said: cut from texts, kept in an index, searched."""

from lanchat.journal.words import index, search

__all__ = [
    "index",
    "search",
]
