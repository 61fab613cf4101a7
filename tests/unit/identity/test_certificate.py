"""The certificate of a node, its id, and what it signs."""

import ssl
from pathlib import Path

import pytest

from lanchat.identity.certificate import MAX_CERTIFICATE, NodeCertificate, node_id, signed_by_node

WORDS = b"it is me"


def test_the_id_derives_from_the_certificate_which_names_nobody() -> None:
    one, other = NodeCertificate.new(), NodeCertificate.new()
    assert one.id == node_id(one.der) != other.id
    assert len(one.id) == 32
    assert len(one.der) < MAX_CERTIFICATE / 2


def test_it_comes_back_from_its_file_and_tls_reads_that(tmp_path: Path) -> None:
    made = NodeCertificate.new()
    (tmp_path / "node.pem").write_bytes(made.pem)
    assert NodeCertificate.parse(made.pem).id == made.id
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "node.pem")


def test_what_it_signed_stands_under_it_only() -> None:
    one, other = NodeCertificate.new(), NodeCertificate.new()
    signed = one.sign(WORDS)
    assert signed_by_node(one.der, WORDS, signed)
    assert not signed_by_node(other.der, WORDS, signed)
    assert not signed_by_node(one.der, WORDS + b".", signed)


@pytest.mark.parametrize("der", [b"", b"junk", b"0" * (MAX_CERTIFICATE + 1)], ids=["empty", "junk", "too large"])
def test_what_is_no_certificate_signed_nothing(der: bytes) -> None:
    assert not signed_by_node(der, WORDS, b"")
    assert not signed_by_node(NodeCertificate.new().der, WORDS, b"junk")
