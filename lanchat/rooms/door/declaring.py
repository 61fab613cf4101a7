"""Saying a rule as the person of a node, wherever the room has its home, and waiting until it holds."""

import asyncio
import secrets
from typing import Literal, Protocol

from lanchat.errors import Unreachable
from lanchat.identity import Owner
from lanchat.journal import Draft, Kept
from lanchat.protocol import Body, RoomInfo, Rule, write_rule
from lanchat.rooms.door.doorway import Doorway

PATIENCE = 10.0
"""Seconds in which the home of a room has to answer."""


class Forum(Protocol):
    """A room, as far as rules are said in it."""

    door: Doorway

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def kind(self) -> Literal["home", "mirror"]:
        """Whether it has its home here."""

    @property
    def info(self) -> RoomInfo:
        """How it stands."""

    def post(self, draft: Draft) -> asyncio.Future[Kept] | asyncio.Future[Kept | None]:
        """Take what somebody says."""


def check_home(room: Forum) -> None:
    """Return if the home of a room is here, or answers. Raises Unreachable."""
    if room.kind == "mirror" and not room.info.online:
        raise Unreachable(
            f"{room.info.node.name}, where this room has its home, cannot be reached now, and only there this can be "
            "decided; try again when it is back."
        )


async def declare(room: Forum, owner: Owner, rule: Rule) -> None:
    """Say a rule in the name of the person of this node, and return once it is followed here.

    What comes of it can be another than was wanted, when another rule came before it: the policy says it.

    Raises:
        Unreachable: the home is away.
        RefusedError, InvalidFrame, LimitReached: the rules of the room do not allow it.
        JournalError: it could not be kept.
    """
    check_home(room)
    text = write_rule(rule)
    draft = owner.seal.said(Draft(room.id, secrets.token_hex(16), owner.author, Body(text=text), "rule"))
    if room.kind == "home":
        room.door.check_post(owner.author, "rule", text, draft.nonce, link=False)
    with room.door.echoes.expect(draft.nonce) as heard:
        await room.post(draft)
        try:
            async with asyncio.timeout(PATIENCE):
                await heard
        except TimeoutError:
            raise Unreachable(
                f"{room.info.node.name}, where this room has its home, did not answer in time; it may still do so."
            ) from None
