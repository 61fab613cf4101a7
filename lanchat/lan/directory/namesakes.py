"""Rooms of one name that were opened apart: which of them goes, and in favour of which. Pure.

A room in which nobody has spoken gives way: to one of its name in which somebody has, else to the one with the smaller
id. Ids are random and everybody sees the same ones, so all nodes come to one room without a word about it. One in which
people have spoken goes on as the one with the smallest id, where its owner says so: by itself where its node has opened
it by itself, else because of a wish.
"""

from collections.abc import Collection

from lanchat.protocol import RoomInfo


def may_go(info: RoomInfo) -> bool:
    """Return whether nothing was said in a room of this node, and no home numbers it elsewhere now."""
    return info.top == 0 and (info.kind == "home" or not info.online)


def gives_way_to(mine: RoomInfo, offers: Collection[RoomInfo]) -> str | None:
    """Return the id of the room in favour of which a room of this node goes; None when it stays.

    A mirror in which nobody has spoken goes to whatever there is of its name once its home has given that room up.
    Nobody is led before a closed door.

    Args:
        mine: the room of this node.
        offers: the rooms that other nodes offer now.
    """
    if not may_go(mine) or any(offer.id == mine.id for offer in offers):
        return None
    rivals = [offer for offer in offers if offer.name == mine.name and offer.door == "open"]
    better = [offer for offer in rivals if mine.kind == "mirror" or offer.top > 0 or offer.id < mine.id]
    return min(better, key=lambda offer: (offer.top == 0, offer.id)).id if better else None


def may_unite(mine: RoomInfo, offer: RoomInfo) -> bool:
    """Return whether a room of this node may go on as one that another node offers: neither has a door."""
    return (offer.name, offer.door, mine.door) == (mine.name, "open", "open")


def rivals(mine: RoomInfo, offers: Collection[RoomInfo]) -> list[RoomInfo]:
    """Return the offered rooms in which people have spoken and as which one of this node may go on, in their order.

    Arguments as of `gives_way_to`.
    """
    spoken = [offer for offer in offers if offer.top > 0 and offer.id < mine.id and may_unite(mine, offer)]
    return sorted(spoken, key=lambda offer: offer.id)


def joins(mine: RoomInfo, offers: Collection[RoomInfo]) -> str | None:
    """Return the id of the room as which one of this node goes on in which people have spoken; None when it stays.

    Of several such rooms everybody comes to the same one, whatever is claimed of them. Arguments as of `gives_way_to`.
    """
    if mine.top == 0:
        return None
    return next((offer.id for offer in rivals(mine, offers)), None)
