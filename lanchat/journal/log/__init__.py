"""The log of a room that has voters, beside its history."""

from lanchat.journal.log import rows

__all__ = ["rows"]
