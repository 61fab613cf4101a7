"""Passing a room on: who may, by which address, and what the link carries."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlsplit

import msgspec
import pytest

from lanchat.config import Config
from lanchat.lan import addresses, networks
from lanchat.lan.addresses import InterfaceAddress
from lanchat.protocol import Error, Haven, Issue, Issued, NetworkKind, OwnAddress, Rule, Share, Shared, VoterInfo
from lanchat.rooms import Room
from lanchat.sessions.commands.sharing import further, others_of, qr_code, room_link
from lanchat.web.server import Server
from tests.support.clients import Client, guest, serving, window
from tests.support.rooms.doors import enter, order

TWO = [
    InterfaceAddress("lo", 1, "127.0.0.1", 8),
    InterfaceAddress("eth0", 2, "192.0.2.5", 24),
    InterfaceAddress("wlan0", 3, "198.51.100.5", 24),
]


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
async def owner(server: Server) -> AsyncIterator[Client]:
    async with window(server) as client:
        yield client


async def test_the_owner_passes_on_the_address_with_the_room_in_it(server: Server, owner: Client) -> None:
    room = await owner.enter("club")
    shared = await owner.ask(Share(room=room), Shared)
    assert shared.link == f"{server.lan_url}#r={room}"
    assert shared.at == server.lan_url
    assert [(each.url, each.network) for each in shared.addresses] == [(server.lan_url, "loopback")]
    assert shared.qr == list(qr_code(shared.link))
    assert len(shared.qr) == len(shared.qr[0]) >= 21
    assert shared.program is None


async def test_of_two_networks_one_is_chosen_and_one_that_is_gone_is_not(
    server: Server, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "read_links", lambda: TWO)
    monkeypatch.setattr(networks, "outward_address", lambda: "198.51.100.5")
    monkeypatch.setattr(addresses, "read_links", lambda: TWO)
    server.node.config = msgspec.structs.replace(server.node.config, bind="")
    room = await owner.enter("club")
    shared = await owner.ask(Share(room=room), Shared)
    assert [(each.network, each.interface) for each in shared.addresses] == [("wifi", "wlan0"), ("cable", "eth0")]
    wifi, cable = (each.url for each in shared.addresses)
    assert shared.at == wifi
    other = await owner.ask(Share(room=room, at=cable), Shared)
    host = urlsplit(wifi).netloc
    assert (other.at, other.link) == (cable, room_link(cable, room, further=[host]))
    assert other.link == f"{cable}#r={room}&a={host}"
    assert other.qr != shared.qr
    for foreign in ("http://203.0.113.1:80/", "javascript:alert(1)", "x" * 255):
        assert (await owner.ask(Share(room=room, at=foreign), Shared)).at == wifi


async def test_a_guest_passes_on_the_address_by_which_they_came_and_learns_no_other(
    server: Server, owner: Client
) -> None:
    room = await owner.enter("club")
    async with guest(server) as ada:
        await ada.join(room)
        shared = await ada.ask(Share(room=room), Shared)
        assert shared.link == f"{server.lan_url}#r={room}"
        assert [(each.url, each.network, each.interface) for each in shared.addresses] == [
            (server.lan_url, "loopback", "")
        ]
    async with guest(server, url=server.lan_url.replace("127.0.0.1", "localhost")) as ben:
        (only,) = (await ben.ask(Share(room=room), Shared)).addresses
        assert (only.url, only.network) == (server.lan_url.replace("127.0.0.1", "localhost"), "loopback")


@pytest.mark.parametrize(
    ("rule", "may"),
    [
        (Rule(change="door", door="invite"), False),
        (Rule(change="listed", on=False), False),
        (Rule(change="locked"), False),
        (Rule(change="guests", guests="read"), True),
        (Rule(change="slow", seconds=10), True),
    ],
)
async def test_guests_pass_a_room_on_where_its_rules_let_others_in_by_that(
    server: Server, owner: Client, rule: Rule, may: bool
) -> None:
    room = await owner.enter("club")
    async with guest(server) as ada:
        await ada.join(room)
        await order(owner, room, rule)
        if may:
            await ada.ask(Share(room=room), Shared)
        else:
            assert (await ada.ask(Share(room=room), Error)).code == "not_moderator"
        await owner.ask(Share(room=room), Shared)


async def test_an_invitation_goes_into_the_link_by_who_may_make_one(server: Server, owner: Client) -> None:
    room = await owner.enter("club")
    issued = await owner.ask(Issue(room=room), Issued)
    shared = await owner.ask(Share(room=room, invitation=issued.code), Shared)
    assert shared.link == issued.link == f"{server.lan_url}#r={room}&i={issued.code}"
    async with guest(server) as ada:
        assert (await ada.ask(Share(room=room, invitation=issued.code), Error)).code == "not_moderator"
        assert await enter(ada, room, invitation=issued.code) == ""


@pytest.mark.parametrize(
    "command",
    [Share(room="nowhere"), Share(room="club", at="x" * 256), Share(room="club", invitation="a&i=b")],
)
async def test_what_cannot_be_is_refused(owner: Client, command: Share) -> None:
    room = await owner.enter("club")
    asked = msgspec.structs.replace(command, room=room) if command.room == "club" else command
    wanted = "no_such_room" if command.room == "nowhere" else "invalid_frame"
    assert (await owner.ask(asked, Error)).code == wanted


async def test_the_longest_name_of_any_script_makes_no_longer_address(server: Server, owner: Client) -> None:
    links = []
    for name in ("a", "🦜" * 40, "שלום " + "ع" * 30):
        room = await owner.enter(name)
        links.append((await owner.ask(Share(room=room), Shared)).link)
    assert all(link.isascii() for link in links)
    assert len({len(link) for link in links}) == 1


def test_a_link_carries_a_few_addresses_that_lead_somewhere() -> None:
    kinds: list[NetworkKind] = ["loopback", "virtual", "vpn", "wifi", "cable", "direct", "other"]
    own = [OwnAddress(url=f"http://192.0.2.{number}:1/", network=kind) for number, kind in enumerate(kinds)]
    assert further("http://192.0.2.3:1/", own) == ["192.0.2.2:1", "192.0.2.4:1", "192.0.2.5:1"]


def test_a_link_names_other_nodes_of_the_room() -> None:
    def room(kind: str, *voters: str) -> Room:
        others = [VoterInfo(voter="v", name="kitchen", address=address) for address in voters]
        return cast(
            "Room",
            SimpleNamespace(
                id="r",
                kind=kind,
                record=SimpleNamespace(addresses=("10.0.0.5:28280", "10.0.0.6:28280")),
                seat=SimpleNamespace(others=others),
                elsewhere=[Haven(name="den", address="10.0.0.9:28280")],
                door=SimpleNamespace(policy=SimpleNamespace(guests="on")),
            ),
        )

    assert others_of(room("home")) == ["10.0.0.9:28280"]
    assert others_of(room("mirror")) == ["10.0.0.5:28280", "10.0.0.9:28280"]
    voting = ("10.0.0.5:28280", "8.8.8.8:28280", "10.0.0.7:1", "10.0.0.8:1024")
    assert others_of(room("mirror", *voting)) == ["10.0.0.5:28280", "10.0.0.8:1024", "10.0.0.9:28280"]
