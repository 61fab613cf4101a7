"""The doors of rooms: passphrases, invitations, and who was let in or sent away."""

from lanchat.rooms.door import tickets as invitations
from lanchat.rooms.door.declaring import declare
from lanchat.rooms.door.doorway import Comer, Doorway
from lanchat.rooms.door.keeper import Doorkeeper
from lanchat.rooms.door.passphrase import Exchange
from lanchat.rooms.door.sharing import check_sharing
from lanchat.rooms.door.words import rule_words

__all__ = [
    "Comer",
    "Doorkeeper",
    "Doorway",
    "Exchange",
    "check_sharing",
    "declare",
    "invitations",
    "rule_words",
]
