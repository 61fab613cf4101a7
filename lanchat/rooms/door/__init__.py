"""The doors of rooms: passphrases, invitations, and who was let in or sent away."""

from lanchat.rooms.door.doorway import Comer, Doorway
from lanchat.rooms.door.keeper import Doorkeeper
from lanchat.rooms.door.passphrase import Exchange
from lanchat.rooms.door.policy import Policy, fold

__all__ = [
    "Comer",
    "Doorkeeper",
    "Doorway",
    "Exchange",
    "Policy",
    "fold",
]
