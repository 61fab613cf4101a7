"""Proofs of a passphrase: right, wrong, passed on, and what can be learned from listening."""

import asyncio
import hashlib
import hmac
import itertools

import pytest

from lanchat.errors import NeedsInvitation, NeedsPassphrase, SlowDown, WrongPassphrase
from lanchat.protocol import Rule
from lanchat.rooms.door.doorway import Doorway
from lanchat.rooms.door.passphrase import MOST_WAITING, Exchange, Workshop, check_same, key_of
from tests.support.rooms.doors import said

ROOM, NODE, OWNER = "1" * 32, "a" * 32, "o" * 43


@pytest.fixture(scope="module")
def key() -> bytes:
    return asyncio.run(Workshop().derive("correct horse", ROOM))


def prove(client_key: bytes, node_key: bytes, *, room: str = ROOM, seen: str = NODE) -> list[str]:
    """Run a proof, and return everything that goes over the connection."""
    client = Exchange(client_key, room, seen, client=True)
    node = Exchange(node_key, ROOM, NODE, client=False)
    node.take(client.share)
    client.take(node.share)
    node.check(client.tag)
    client.check(node.tag)
    return [client.share, node.share, client.tag, node.tag]


def test_a_door_without_a_passphrase_says_what_it_needs_instead(key: bytes) -> None:
    door = Doorway(OWNER)
    with pytest.raises(NeedsPassphrase, match="does not know"):
        key_of(door)
    door.key = key
    assert key_of(door) == key
    door.take(said(Rule(change="door", door="invite"), 1, OWNER))
    with pytest.raises(NeedsInvitation):
        key_of(door)


def test_both_sides_know_the_same(key: bytes) -> None:
    assert len(set(prove(key, key))) == 4


def test_a_wrong_passphrase_is_known_before_the_node_shows_anything(key: bytes) -> None:
    with pytest.raises(WrongPassphrase):
        prove(b"x" * 32, key)


def test_a_proof_for_another_node_or_room_is_none(key: bytes) -> None:
    for wrong in ({"seen": "b" * 32}, {"room": "2" * 32}):
        with pytest.raises(WrongPassphrase):
            prove(key, key, **wrong)


def test_a_home_that_does_not_know_the_passphrase_is_not_believed(key: bytes) -> None:
    client, impostor = Exchange(key, ROOM, NODE, client=True), Exchange(b"x" * 32, ROOM, NODE, client=False)
    impostor.take(client.share)
    client.take(impostor.share)
    with pytest.raises(WrongPassphrase):
        client.check(impostor.tag)
    with pytest.raises(WrongPassphrase):
        client.check(client.tag)  # sent back as it came


def test_a_proof_is_another_one_each_time(key: bytes) -> None:
    one, two = prove(key, key), prove(key, key)
    assert not set(one) & set(two)
    replayed = Exchange(key, ROOM, NODE, client=False)
    replayed.take(one[0])
    with pytest.raises(WrongPassphrase):
        replayed.check(one[2])


def test_nothing_that_passes_can_be_made_from_a_guess(key: bytes) -> None:
    """Whoever listens and guesses right still has nothing to compare: no hash, MAC or proof that only needs the key."""
    passed = [bytes.fromhex(each) for each in prove(key, key)]
    parts = [b"", ROOM.encode(), NODE.encode(), b"lanchat door 1", *passed]
    for first, second in itertools.permutations(parts, 2):
        made = {
            key,
            hashlib.sha256(key + first + second).digest(),
            hashlib.sha256(first + key + second).digest(),
            hmac.digest(key, first + second, "sha256"),
        }
        assert not made & set(passed)
    other_side = Exchange(key, ROOM, NODE, client=True)
    other_side.take(passed[1].hex())
    assert other_side.tag != passed[2].hex()
    assert not any(b"correct horse" in each or key in each for each in passed)


@pytest.mark.parametrize(
    "share", ["", "00", "zz", "0" * 66, "41" + "00" * 32, "42" + "ff" * 32, "42" + "01" + "00" * 31]
)
def test_what_is_no_share_ends_the_proof(key: bytes, share: str) -> None:
    exchange = Exchange(key, ROOM, NODE, client=True)
    with pytest.raises(WrongPassphrase):
        exchange.take(share)
    with pytest.raises(WrongPassphrase):
        exchange.check("0" * 64)


def test_a_share_that_is_sent_back_is_none(key: bytes) -> None:
    exchange = Exchange(key, ROOM, NODE, client=True)
    with pytest.raises(WrongPassphrase):
        exchange.take(exchange.share)


async def test_spaces_and_forms_of_letters_do_not_count_and_rooms_do(key: bytes) -> None:
    shop = Workshop()
    check_same(await shop.derive("  correct   horse ", ROOM), key)
    check_same(await shop.derive("Cafe\u0301 corner", ROOM), await shop.derive("Caf\u00e9 corner", ROOM))
    for words, room in (("Correct horse", ROOM), ("correct horse", "2" * 32)):
        with pytest.raises(WrongPassphrase):
            check_same(await shop.derive(words, room), key)


async def test_only_so_many_wait() -> None:
    shop = Workshop()
    tasks = [asyncio.create_task(shop.derive(f"{number}", ROOM)) for number in range(MOST_WAITING + 3)]
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in done] == [bytes] * MOST_WAITING + [SlowDown] * 3
    assert len(await shop.derive("afterwards", ROOM)) == 32
