"""Who is let in by which door, as whom. What a client then sees of it is in test_client.py."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lanchat.config import Config
from lanchat.errors import (
    HelloFirst,
    InvalidFrame,
    InvalidNick,
    InvalidSignature,
    LanchatError,
    Unauthorised,
    UnsupportedVersion,
)
from lanchat.identity import Seal
from lanchat.identity.keys import PersonKey
from lanchat.identity.owner import Owner
from lanchat.node import Node
from lanchat.protocol import (
    VERSION,
    Author,
    Command,
    Hello,
    Leave,
    NodeInfo,
    guest_id,
    is_guest_id,
    travelling_secret,
)
from lanchat.sessions.admission import admit, secret_of
from lanchat.sessions.context import SessionContext
from tests.support.identity import GUEST
from tests.support.identity import OTHER_SEAL as SEAL

KEY = PersonKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))  # the ids of tests are the same in each process
SECRET = "0f3a9b52c4d1e87760b1a2c3d4e5f607"
OWNER = Author(id=KEY.id, nick="Owner")
THERE = NodeInfo(id="b" * 32, name="there")
ASKED = Hello(version=VERSION, client="guest", secret=SECRET, nick="Ada")


def hello(**changes: object) -> Hello:
    return msgspec.structs.replace(ASKED, **changes)


def link() -> Hello:
    return hello(client="link", node=THERE, nick="", owner=SEAL.id, owner_signature=SEAL.vow(THERE.id))


@pytest.fixture
async def network(config: Config) -> AsyncIterator[SessionContext]:
    """The network's door."""
    async with Node(config) as node:
        yield msgspec.structs.replace(node.door(), owner=Owner(node.journal, KEY, "Owner"))


@pytest.fixture
def desk(network: SessionContext) -> SessionContext:
    """The window's door."""
    return msgspec.structs.replace(network, is_key=lambda token: token == "key")


async def test_a_seed_makes_the_secret_by_which_a_guest_is_the_same_at_other_nodes(
    network: SessionContext, desk: SessionContext
) -> None:
    here = admit(hello(secret="", seed=SECRET), network, secure=False).author.id
    secret = travelling_secret(network.node.id, SECRET)
    assert here == guest_id(secret)
    assert SECRET not in secret
    elsewhere = msgspec.structs.replace(network, node=THERE)
    assert admit(hello(secret=secret), elsewhere, secure=False).author.id == here
    assert admit(hello(secret="", seed=SECRET), elsewhere, secure=False).author.id != here


async def test_a_node_to_which_a_guest_has_gone_cannot_be_them_where_they_came_from(network: SessionContext) -> None:
    guest = admit(hello(secret="", seed=SECRET), network, secure=False).author.id
    learned = travelling_secret(network.node.id, SECRET)
    for shown in ({"secret": learned}, {"seed": learned, "secret": ""}, {"secret": f"{network.node.id}-{'0' * 64}"}):
        assert admit(hello(**shown), network, secure=False).author.id != guest


async def test_a_guest_has_the_id_of_their_secret_and_a_tidy_name(network: SessionContext) -> None:
    client = admit(hello(nick="  Ada \t L "), network, secure=False)
    assert (client.kind, client.node) == ("guest", None)
    assert client.author == Author(id=guest_id(SECRET), nick="Ada L")
    assert admit(hello(client="script"), network, secure=True).author.id == guest_id(SECRET)


async def test_who_has_no_secret_is_somebody_new_each_time(network: SessionContext) -> None:
    ids = {admit(hello(secret=""), network, secure=False).author.id for _ in range(10)}
    assert len(ids) == 10
    assert all(map(is_guest_id, ids))


@pytest.mark.parametrize("claimed", [OWNER.id, GUEST.id, "4c7dd0a1b2c3"])
async def test_who_knows_somebodys_id_does_not_become_them(network: SessionContext, claimed: str) -> None:
    """An id derives from what only a browser knows, so that the id, which everybody sees, is of no use."""
    author = admit(hello(secret=claimed), network, secure=False).author
    assert is_guest_id(author.id)
    assert author.id != claimed


async def test_the_owner_is_who_has_the_key_and_no_other_name(desk: SessionContext) -> None:
    assert admit(hello(client="window", token="key", nick="", secret="x" * 30), desk, secure=True).author == OWNER
    assert admit(hello(client="script", token="key", nick=""), desk, secure=True).author == OWNER
    named = admit(hello(client="window", token="key", nick="Other", secret=OWNER.id), desk, secure=True).author
    assert named.nick == "Other"
    assert named.id != OWNER.id


async def test_a_link_comes_in_with_its_node(network: SessionContext) -> None:
    client = admit(link(), network, secure=True)
    assert (client.kind, client.node, client.person) == ("link", THERE, SEAL.id)


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": ""},
        {"owner": KEY.id},
        {"owner_signature": ""},
        {"owner_signature": Seal(KEY).vow(THERE.id)},
        {"owner_signature": SEAL.vow("c" * 32)},
        {"node": NodeInfo(id="c" * 32, name="there")},
    ],
    ids=["nobody", "another", "not signed", "signed by another", "signed for another node", "another node"],
)
async def test_a_link_names_whose_node_it_is_and_they_have_signed_that(
    network: SessionContext, changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidSignature):
        admit(msgspec.structs.replace(link(), **changes), network, secure=True)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (Leave(room="x"), HelloFirst),
        (hello(version=VERSION + 1), UnsupportedVersion),
        (hello(client="window"), InvalidFrame),
        (hello(client="link"), InvalidFrame),
        (hello(node=THERE), InvalidFrame),
        (hello(client="script", node=THERE), InvalidFrame),
        (hello(nick="   "), InvalidNick),
        (hello(nick="x" * 25), InvalidNick),
    ],
)
async def test_who_is_refused_at_the_networks_door(
    network: SessionContext, command: Command, error: type[LanchatError]
) -> None:
    with pytest.raises(error):
        admit(command, network, secure=True)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (hello(client="window"), Unauthorised),
        (hello(client="window", token="wrong"), Unauthorised),
        (hello(client="link", node=THERE), Unauthorised),
        (hello(client="guest", token="key"), InvalidFrame),
        (hello(client="link", node=THERE, token="key"), InvalidFrame),
        (hello(client="window", token="key", version=99), UnsupportedVersion),
    ],
)
async def test_who_is_refused_at_the_windows_door(
    desk: SessionContext, command: Command, error: type[LanchatError]
) -> None:
    with pytest.raises(error):
        admit(command, desk, secure=True)


async def test_the_version_is_checked_before_the_key(desk: SessionContext) -> None:
    with pytest.raises(UnsupportedVersion, match=r"version 2 .* version 7"):
        admit(hello(version=7), desk, secure=True)


def test_behind_one_address_a_guest_is_the_same_at_every_node() -> None:
    """The page shows both; the node that made the secret goes by the seed, the others by the secret."""
    seed = "s" * 32
    first, second = NodeInfo(id="a" * 32, name="first"), NodeInfo(id="b" * 32, name="second")
    secret = secret_of(hello(secret="", seed=seed), first)
    both = hello(secret=secret, seed=seed)
    assert secret_of(both, first) == secret_of(both, second) == secret
    assert secret_of(hello(secret=secret, seed="x" * 32), first) != secret
    assert secret_of(hello(secret=secret), first) != secret
