"""Rooms of one name that were opened apart: which of them goes, and in favour of which. Pure.

A room in which nobody has spoken gives way: to one of its name in which somebody has, else to the one with the smaller
id. Ids are random and everybody sees the same ones, so all nodes come to one room without a word about it. A room that
its node has opened by itself, and in which nobody but the people of that node has spoken, joins the one with the
smaller id: they say again there what they said, with its times. Other rooms in which people have spoken are nobody's
to drop; they stay apart.
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
    """Return whether a room of this node may join one that another node offers: neither has a door."""
    return (mine.kind, mine.door) == ("home", "open") and (offer.name, offer.door) == (mine.name, "open")


def joins(mine: RoomInfo, offers: Collection[RoomInfo]) -> str | None:
    """Return the id of the room which one of this node joins in which its people have spoken; None when it stays.

    Of several such rooms everybody comes to the same one, whatever is claimed of them. Arguments as of `gives_way_to`.
    """
    if mine.top == 0 or any(offer.id == mine.id for offer in offers):
        return None
    rivals = [offer.id for offer in offers if offer.top > 0 and may_unite(mine, offer)]
    return min((room for room in rivals if room < mine.id), default=None)
