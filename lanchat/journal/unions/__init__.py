"""Rooms that go on as another one: what of them waits for its home, and what may stand in it."""

from lanchat.journal.unions.origins import check, note
from lanchat.journal.unions.passing import announce, begun, inherit, is_provable, pass_on

__all__ = ["announce", "begun", "check", "inherit", "is_provable", "note", "pass_on"]
