"""Whom the voters of a room take for one of them: who has been there, and whose votes agree with each other."""

from lanchat.rooms.quorum.trust.ballots import BallotBox
from lanchat.rooms.quorum.trust.roll import MISSING, SILENT, Roll

__all__ = ["MISSING", "SILENT", "BallotBox", "Roll"]
