"""How a node proves which one it is, and what is no proof."""

import base64

import pytest

from lanchat.identity.certificate import NodeCertificate
from lanchat.identity.proof import fresh_nonce, is_proven, prove

NODE = NodeCertificate.new()
OTHER = NodeCertificate.new()
SERVER = NodeCertificate.new().fingerprint
NONCES = (fresh_nonce(), fresh_nonce())
PROOF = prove(NODE, SERVER, "room", NONCES)


def test_who_has_the_key_proves_it() -> None:
    assert is_proven(NODE.id, SERVER, "room", NONCES, PROOF)
    again = prove(NODE, SERVER, "room", NONCES)
    assert is_proven(NODE.id, SERVER, "room", NONCES, again)


def test_a_nonce_is_32_bytes_and_never_the_same() -> None:
    nonces = {fresh_nonce() for _ in range(100)}
    assert len(nonces) == 100
    assert {len(base64.urlsafe_b64decode(f"{nonce}=")) for nonce in nonces} == {32}
    assert {len(nonce) for nonce in nonces} == {43}


@pytest.mark.parametrize(
    ("node", "server", "room", "nonces"),
    [
        (OTHER.id, SERVER, "room", NONCES),
        (NODE.id, OTHER.fingerprint, "room", NONCES),
        (NODE.id, SERVER, "another room", NONCES),
        (NODE.id, SERVER, "", NONCES),
        (NODE.id, SERVER, "room", (NONCES[0], fresh_nonce())),
        (NODE.id, SERVER, "room", (fresh_nonce(), NONCES[1])),
        (NODE.id, SERVER, "room", (NONCES[1], NONCES[0])),
        (NODE.id[:16], SERVER, "room", NONCES),
        ("", SERVER, "room", NONCES),
    ],
    ids=["node", "server", "room", "no room", "their nonce", "our nonce", "nonces", "half an id", "no id"],
)
def test_a_proof_is_good_for_one_node_one_server_one_room_and_one_connection(
    node: str, server: str, room: str, nonces: tuple[str, str]
) -> None:
    assert not is_proven(node, server, room, nonces, PROOF)


def test_no_field_can_be_moved_into_another() -> None:
    first, second = prove(NODE, SERVER, "ab", ("c", "d")), ("bc", "d")
    assert not is_proven(NODE.id, SERVER, "a", second, first)


@pytest.mark.parametrize(
    "proof",
    [
        ("", ""),
        (PROOF[0], ""),
        ("", PROOF[1]),
        (PROOF[0], PROOF[0]),
        (PROOF[1], PROOF[0]),
        (PROOF[0], PROOF[1][:-8]),
        (PROOF[0], f"A{PROOF[1][1:]}"),
        (prove(OTHER, SERVER, "room", NONCES)[0], PROOF[1]),
        (PROOF[0], prove(OTHER, SERVER, "room", NONCES)[1]),
        ("no base64!", PROOF[1]),
        (PROOF[0], "ä" * 90),
        ("A" * 1_000_000, PROOF[1]),
        (PROOF[0], "\ud800"),
    ],
)
def test_what_is_no_proof_proves_nothing(proof: tuple[str, str]) -> None:
    assert not is_proven(NODE.id, SERVER, "room", NONCES, proof)
