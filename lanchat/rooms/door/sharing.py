"""Who may pass a room on."""

from lanchat.errors import NotModerator
from lanchat.rooms.door.doorway import Comer, Doorway


def check_sharing(door: Doorway, comer: Comer) -> None:
    """Return if somebody in a room may tell others by which address they come into it.

    A guest may where whoever comes by that address can come in as they did: the room is in lists, it wants no
    invitation, nobody locked it, and it takes guests.

    Raises:
        NotModerator: a guest may not pass this room on.
        RefusedError: they may not be in it.
    """
    door.check_entry(comer)
    policy = door.policy
    if comer.guest and (policy.door == "invite" or not policy.listed or policy.locked or policy.guests == "off"):
        raise NotModerator("This room lets in who is invited. Ask somebody in it who has Lanchat for an invitation.")
