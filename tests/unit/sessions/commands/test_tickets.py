"""Invitations over real sockets: made at a window, used by guests, taken back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from lanchat.config import Config
from lanchat.lan.link import dialler
from lanchat.protocol import (
    Done,
    Error,
    Event,
    Invite,
    Issue,
    Issued,
    Join,
    Joined,
    Passphrase,
    Post,
    Revoke,
    RoomRef,
    Rule,
    TicketList,
    Tickets,
    proof_of,
    ticket_of,
    write_rule,
)
from lanchat.web.server import Server
from tests.support.certificates import certified
from tests.support.clients import ELSEWHERE, Client, guest, link, serving, window
from tests.support.conditions import eventually
from tests.support.identity import GUEST, MAX, signed
from tests.support.programs import free_port
from tests.support.rooms.doors import WORDS, enter, lock_with_passphrase, order, turned_away
from tests.support.rooms.far import elsewhere, mirror, move_home

SECRET = "a-secret-of-the-browser-of-Ada"


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links try again at once."""
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(dialler, "LONGEST_PAUSE", 0.1)


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(elsewhere(tmp_path, "far")) as server:
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
    async with guest(server, secret=SECRET) as ada, guest(server) as eve:
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
    async with guest(server, secret=SECRET) as ada, guest(server) as bob, guest(server) as eve:
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


# Other nodes ----------------------------------------------------------------------------------------------------------


async def test_an_invitation_lets_a_guest_in_at_every_node_of_the_room_and_once_in_all(
    server: Server, owner: Client, far: Server
) -> None:
    room = await owner.enter("club")
    copy = await mirror(far, server, room)
    async with window(far) as other, guest(far, secret=SECRET) as ada, guest(server) as eve, guest(far) as bob:
        await other.join(room)
        await eventually(lambda: copy.info.online)
        await order(owner, room, Rule(change="door", door="invite"))
        first = await owner.ask(Issue(room=room), Issued)
        second = await owner.ask(Issue(room=room), Issued)
        await eventually(lambda: len(copy.door.policy.invitations) == 2)
        assert await turned_away(ada, room) == "needs_invitation"
        assert await enter(ada, room, invitation=first.code) == ""
        await ada.join(room)
        for client in (eve, bob):  # at the home, and where it was used
            assert await enter(client, room, invitation=first.code) == "invalid_invitation"
        assert await enter(eve, room, invitation=second.code) == ""
        await eve.join(room)
        await eventually(lambda: copy.door.policy.invitations == ())
        assert await enter(bob, room, invitation=second.code) == "invalid_invitation"
    async with guest(far, secret=SECRET) as ada:
        await ada.join(room)


async def test_two_nodes_cannot_use_a_single_invitation_in_the_same_moment(
    server: Server, owner: Client, far: Server
) -> None:
    room = await owner.enter("club")
    copy = await mirror(far, server, room)
    async with guest(far) as ada, guest(far) as bob, guest(server) as eve:
        await eventually(lambda: copy.info.online)
        await order(owner, room, Rule(change="door", door="invite"))
        issued = await owner.ask(Issue(room=room), Issued)
        await eventually(lambda: bool(copy.door.policy.invitations))
        codes = await asyncio.gather(*(enter(each, room, invitation=issued.code) for each in (ada, bob, eve)))
        assert sorted(codes) == ["", "invalid_invitation", "invalid_invitation"]
        admitted = server.node.rooms.get(room).door.policy.admitted
        assert len(admitted - {far.node.me.id}) == 1  # who was inside when the door closed is so as well


async def test_an_invitation_of_a_member_elsewhere_counts_and_is_taken_back_everywhere(
    server: Server, owner: Client, far: Server
) -> None:
    room = await owner.enter("club")
    copy = await mirror(far, server, room)
    async with window(far) as other, guest(server) as ada, guest(far) as bob:
        await other.join(room)
        await eventually(lambda: copy.info.online)
        await order(owner, room, Rule(change="door", door="invite"))
        await eventually(lambda: copy.door.policy.door == "invite")
        issued = await other.ask(Issue(room=room, single=False, seconds=600), Issued)
        assert (issued.ticket.by, issued.link.startswith(far.lan_url)) == (other.me.id, True)
        assert await enter(ada, room, invitation=issued.code) == ""
        assert (await owner.ask(Tickets(room=room), TicketList)).tickets == [issued.ticket]
        await owner.ask(Revoke(room=room, ticket=issued.ticket.id), Done)
        await eventually(lambda: copy.door.policy.invitations == ())
        assert await enter(bob, room, invitation=issued.code) == "invalid_invitation"
        mine = await owner.ask(Issue(room=room), Issued)
        await eventually(lambda: bool(copy.door.policy.invitations))
        assert (await other.ask(Revoke(room=room, ticket=mine.ticket.id), Error)).code == "not_moderator"
        await ada.join(room)


async def test_while_the_home_is_away_a_mirror_says_so(tmp_path: Path, far: Server) -> None:
    async with serving(elsewhere(tmp_path, "home")) as server, window(server) as owner:
        room = await owner.enter("club")
        copy = await mirror(far, server, room)
        await eventually(lambda: copy.info.online)
        await order(owner, room, Rule(change="door", door="invite"))
        issued = await owner.ask(Issue(room=room, single=False), Issued)
        await eventually(lambda: bool(copy.door.policy.invitations))
    await eventually(lambda: not copy.info.online)
    async with guest(far) as ada, window(far) as other:
        assert await enter(ada, room, invitation=issued.code) == "unreachable"
        for command in (Issue(room=room), Revoke(room=room, ticket=issued.ticket.id)):
            error = await other.ask(command, Error)
            assert (error.code, error.retry) == ("unreachable", True)
            assert "home" in error.message


async def test_who_came_in_by_an_invitation_needs_it_never_again(tmp_path: Path, far: Server) -> None:
    """Not when they connect again, nor when a node starts again, nor when the room has another home."""
    config = msgspec.structs.replace(elsewhere(tmp_path, "home"), port=free_port())
    async with serving(elsewhere(tmp_path, "third")) as third:
        async with serving(config) as server, window(server) as owner:
            room = await owner.enter("club")
            await order(owner, room, Rule(change="door", door="invite"))
            for node in (far, third):
                issued = await owner.ask(Issue(room=room), Issued)
                await mirror(node, server, room)
                async with window(node) as person:
                    assert await turned_away(person, room) == "needs_invitation"
                    assert await enter(person, room, invitation=issued.code) == ""
        copies = [node.node.rooms.get(room) for node in (far, third)]
        await eventually(lambda: not any(copy.info.online for copy in copies))
        async with serving(config) as server:
            await eventually(lambda: all(copy.info.online for copy in copies))
            assert server.node.rooms.get(room).door.policy.admitted == {far.node.me.id, third.node.me.id}
            assert server.node.rooms.get(room).door.passes == set()
        await move_home(third, far, room)
        await eventually(lambda: copies[1].info.online)
        async with window(far) as one, window(third) as other:
            await one.join(room)
            await other.join(room)
            await other.say(room, "still here")
            await one.hear(Event, lambda event: event.body.text == "still here")


async def test_who_is_asked_into_a_room_may_come_in_without_a_code_and_stays_so(tmp_path: Path, far: Server) -> None:
    """A guest here, and the person of another node; by the owner, and by a member of the room."""
    config = msgspec.structs.replace(elsewhere(tmp_path, "home"), port=free_port())
    async with serving(config) as server, window(server) as owner, window(far) as other:
        lobby, club = await owner.enter("lobby"), await owner.enter("club")
        await order(owner, club, Rule(change="door", door="invite"))
        await mirror(far, server, lobby)
        await other.join(lobby)
        async with guest(server, secret=SECRET) as ada, guest(far, secret="b" * 43) as bob:
            await ada.join(lobby)
            await bob.join(lobby)
            here = server.node.rooms.get(lobby).presence.people
            await eventually(lambda: {ada.me.id, other.me.id, bob.me.id} <= {each.id for each in here.everybody()})
            there = far.node.rooms.get(lobby).presence.people
            await eventually(lambda: bob.me.id in {each.id for each in there.everybody()})
            into = RoomRef(id=club, name="club")
            assert await turned_away(ada, club) == "needs_invitation"
            for client in (ada, other):
                await owner.ask(Invite(room=lobby, to=client.me.id, into=into), Done)
            await ada.join(club)
            copy = await mirror(far, server, club)
            await eventually(lambda: copy.info.online)
            await other.join(club)
            assert await turned_away(bob, club) == "needs_invitation"
            await ada.ask(Invite(room=lobby, to=bob.me.id, into=into), Done)  # a guest lets nobody in
            assert await turned_away(bob, club) == "needs_invitation"
            await other.ask(Invite(room=lobby, to=bob.me.id, into=into), Done)
            await bob.join(club)
    async with serving(config) as server, guest(server, secret=SECRET) as ada:
        await ada.join(club)
        await eventually(lambda: copy.info.online)


async def test_who_was_inside_when_the_door_closed_is_so_at_the_next_home(
    server: Server, owner: Client, far: Server, tmp_path: Path
) -> None:
    async with serving(elsewhere(tmp_path, "third")) as third:
        room = await owner.enter("club")
        copies = [await mirror(node, server, room) for node in (far, third)]
        await eventually(lambda: all(copy.info.online for copy in copies))
        await order(owner, room, Rule(change="locked"))
        await eventually(lambda: len(copies[0].door.policy.admitted) == 2)
        await move_home(server, far, room)
        await move_home(third, far, room)
        await eventually(lambda: copies[1].info.online)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (Rule(change="admit", person=MAX.id, proof="0a" * 32), "invalid_invitation"),
        (Rule(change="admit", person=MAX.id, proof=ticket_of(proof_of("code"))), "invalid_invitation"),
        (Rule(change="admit", person=MAX.id), "not_moderator"),
        (Rule(change="revoke", ticket=ticket_of(proof_of("code"))), "not_moderator"),
        (Rule(change="invite", ticket=ticket_of(proof_of("code")), seconds=60), "invalid_invitation"),
    ],
    ids=["a guessed proof", "what everybody reads", "no proof", "somebody else's", "made again"],
)
async def test_another_node_lets_nobody_in_by_what_it_can_read(
    server: Server, owner: Client, rule: Rule, code: str
) -> None:
    room = await owner.enter("club")
    await order(owner, room, Rule(change="invite", ticket=ticket_of(proof_of("code")), seconds=600))
    async with link(server, certified("nine"), "club") as node:
        await node.ask(Join(room=room), Joined)
        post = Post(room=room, nonce="n", kind="rule", text=write_rule(rule))
        for author in (MAX, GUEST):
            said = signed(msgspec.structs.replace(post, author=author, nonce=author.id))
            expected = code if author == MAX else "not_moderator"
            assert (await node.ask(said, Error)).code == expected
    policy = server.node.rooms.get(room).door.policy
    assert policy.admitted == frozenset()
    assert len(policy.invitations) == 1


# Passphrases ----------------------------------------------------------------------------------------------------------


async def test_only_the_owner_sets_a_passphrase(server: Server, owner: Client, far: Server) -> None:
    room = await owner.enter("vault")
    copy = await mirror(far, server, room)
    async with guest(server) as ada, window(far) as other:
        await order(owner, room, Rule(change="moderator", person=other.me.id))
        await eventually(lambda: copy.door.policy.moderates(other.me.id))
        for client in (ada, other):  # a moderator sets none either
            assert (await client.ask(Passphrase(room=room, passphrase=WORDS), Error)).code == "not_moderator"
        assert (await owner.ask(Passphrase(room=room, key="0a" * 32), Error)).code == "invalid_frame"
    async with link(server, ELSEWHERE, "vault") as node:
        assert (await node.ask(Passphrase(room=room, key="0a" * 32), Error)).code == "not_moderator"
    assert server.node.rooms.get(room).door.key == b""


async def test_the_owner_sets_a_passphrase_where_their_node_is_when_the_home_has_moved(
    server: Server, owner: Client, far: Server
) -> None:
    room = await owner.enter("vault")
    copy = await mirror(far, server, room)
    await eventually(lambda: copy.info.online)
    await move_home(server, far, room)
    mine = server.node.rooms.get(room)
    await eventually(lambda: mine.kind == "mirror" and mine.info.online)
    await owner.ask(Passphrase(room=room, passphrase=WORDS), Done)
    assert copy.door.policy.door == "passphrase"
    assert mine.door.key == copy.door.key != b""
    for node in (far, server):
        async with guest(node) as ada:
            assert await turned_away(ada, room) == "needs_passphrase"
            assert await enter(ada, room, passphrase="incorrect horse") == "wrong_passphrase"
            assert await enter(ada, room, passphrase=WORDS) == ""
            await ada.join(room)


async def test_a_home_that_does_not_know_the_passphrase_is_told_it_by_the_node_of_the_owner(
    server: Server, owner: Client, far: Server
) -> None:
    room = await owner.enter("vault")
    copy = await mirror(far, server, room)
    await eventually(lambda: copy.info.online)
    await lock_with_passphrase(owner, room)
    await eventually(lambda: copy.door.policy.door == "passphrase")
    assert copy.door.key == b""
    await move_home(server, far, room)
    await eventually(lambda: copy.door.key != b"")
    async with guest(far) as ada:
        assert await enter(ada, room, passphrase=WORDS) == ""


async def test_who_came_in_by_the_passphrase_comes_so_into_the_next_home(
    server: Server, owner: Client, far: Server, tmp_path: Path
) -> None:
    async with serving(elsewhere(tmp_path, "third")) as third:
        room = await owner.enter("vault")
        await lock_with_passphrase(owner, room)
        copies = [await mirror(node, server, room) for node in (far, third)]
        for node in (far, third):
            async with window(node) as person:
                assert await enter(person, room, passphrase=WORDS) == ""
        await eventually(lambda: all(copy.info.online for copy in copies))
        await move_home(server, far, room)
        await move_home(third, far, room)
        await eventually(lambda: copies[1].info.online)
