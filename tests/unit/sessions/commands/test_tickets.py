"""Invitations over real sockets: made at a window, used by guests, taken back."""

from collections.abc import AsyncIterator

import pytest

from lanchat.config import Config
from lanchat.journal import DoorRecord
from lanchat.protocol import Done, Error, Issue, Issued, Passphrase, Revoke, Rule, TicketList, Tickets, guest_id
from lanchat.rooms import Policy
from lanchat.web.server import Server
from tests.support.clients import Client, guest, serving, window
from tests.support.rooms.doors import WORDS, enter, order, turned_away

SECRET = "a" * 43
"""What the browser of a guest holds."""
ADA = guest_id(SECRET)


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
async def owner(server: Server) -> AsyncIterator[Client]:
    async with window(server) as client:
        yield client


async def test_an_invitation_lets_one_person_in_once(server: Server, owner: Client) -> None:
    room = await owner.enter("club")
    other = await owner.enter("other")
    for each in (room, other):
        await order(owner, each, Rule(change="door", door="invite"))
    issued = await owner.ask(Issue(room=room), Issued)
    assert issued.link == f"{server.lan_url}#r={room}&i={issued.code}"
    assert len(issued.qr) == len(issued.qr[0]) >= 21
    async with guest(server, secret=SECRET) as ada, guest(server, secret="e" * 43) as eve:
        assert await turned_away(ada, room) == "needs_invitation"
        assert await enter(ada, other, invitation=issued.code) == "invalid_invitation"
        assert await enter(ada, room, invitation=issued.code) == ""
        assert await enter(eve, room, invitation=issued.code) == "invalid_invitation"
        assert await enter(ada, room, invitation=issued.code) == ""
        await ada.join(room)
        assert await turned_away(eve, room) == "needs_invitation"


async def test_an_invitation_for_many_stands_until_it_is_taken_back(server: Server, owner: Client) -> None:
    room = await owner.enter("club")
    await order(owner, room, Rule(change="door", door="invite"))
    issued = await owner.ask(Issue(room=room, single=False, seconds=3600), Issued)
    async with (
        guest(server, secret=SECRET) as ada,
        guest(server, secret="b" * 43) as bob,
        guest(server) as eve,
    ):
        assert await enter(ada, room, invitation=issued.code) == ""
        assert await enter(bob, room, invitation=issued.code) == ""
        assert (await owner.ask(Tickets(room=room), TicketList)).tickets == [issued.ticket]
        await owner.ask(Revoke(room=room, ticket=issued.ticket.id), Done)
        assert await enter(eve, room, invitation=issued.code) == "invalid_invitation"
        assert (await owner.ask(Tickets(room=room), TicketList)).tickets == []
        assert (await owner.ask(Revoke(room=room, ticket=issued.code), Error)).code == "invalid_invitation"
        await ada.join(room)


async def test_a_guest_makes_no_invitations(server: Server, owner: Client) -> None:
    room = await owner.enter("club")
    async with guest(server) as ada:
        await ada.join(room)
        for command in (Issue(room=room), Tickets(room=room), Revoke(room=room, ticket="x" * 12)):
            assert (await ada.ask(command, Error)).code == "not_moderator"


async def test_only_the_owner_sets_a_passphrase_at_the_home(server: Server, owner: Client) -> None:
    room = await owner.enter("vault")
    async with guest(server) as ada:
        assert (await ada.ask(Passphrase(room=room, passphrase=WORDS), Error)).code == "not_moderator"
    server.node.rooms.get(room).door.restore(Policy("b" * 43), [], DoorRecord(b"", set(), set()))
    assert (await owner.ask(Passphrase(room=room, passphrase=WORDS), Error)).code == "not_moderator"
