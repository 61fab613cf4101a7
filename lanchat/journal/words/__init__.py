"""The words of what was said: cut from texts, kept in an index, searched."""

from lanchat.journal.words import index, search
from lanchat.journal.words.search import Findings, Query
from lanchat.journal.words.searcher import Searcher

__all__ = [
    "Findings",
    "Query",
    "Searcher",
    "index",
    "search",
]
