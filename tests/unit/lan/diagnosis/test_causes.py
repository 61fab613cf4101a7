"""What facts mean."""

import msgspec
import pytest

from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.diagnosis.causes import diagnose, tried
from lanchat.lan.diagnosis.facts import Echo, Facts
from lanchat.protocol import VERSION
from tests.support.lan.facts import CARD, HERE, LOOPBACK, THERE, TUNNEL, facts, silent, witness

V6 = InterfaceAddress("eth0", 2, "2001:db8::5", 64)
KEPT = Echo("eth0", sent=False, heard=False, reason="Operation not permitted")
DEAF = Echo("eth0", sent=True, heard=False)

CASES: list[tuple[Facts, list[str]]] = [
    (facts(), []),
    (facts(witnesses=()), []),
    (facts(port=0, witnesses=(witness(hears=None, reaches=None),)), []),
    (facts(LOOPBACK), ["no_network"]),
    (facts(LOOPBACK, V6, echoes=()), ["no_ipv4"]),
    (facts(LOOPBACK, CARD, V6), []),
    (facts(bind="192.0.2.77"), ["bind_gone"]),
    (facts(bind="127.0.0.1"), ["bind_loopback"]),
    (facts(bind="localhost"), ["bind_loopback"]),
    (facts(bind="192.0.2.5"), []),
    (facts(bind="0.0.0.0"), []),
    (facts(echoes=(KEPT,), witnesses=()), ["multicast_out_blocked"]),
    (facts(echoes=(DEAF,), witnesses=()), ["multicast_in_blocked"]),
    (facts(echoes=(DEAF,), witnesses=(witness(found=False, hears=True),)), ["multicast_in_blocked"]),
    (facts(witnesses=(witness(found=False),)), ["multicast_lost"]),
    (facts(witnesses=(witness(hears=False),)), ["multicast_lost"]),
    (facts(witnesses=(witness(found=False), witness())), []),
    (facts(witnesses=(witness(reaches=False),)), ["port_closed"]),
    (facts(witnesses=(witness(reaches=False), witness())), []),
    (facts(witnesses=(), silent=(silent(),)), ["client_isolation"]),
    (facts(witnesses=(), silent=(silent(),), gateway_answers=None), []),
    (facts(witnesses=(), silent=(silent(),), gateway_answers=False), []),
    (facts(silent=(silent(),)), []),
    (facts(LOOPBACK, CARD, TUNNEL, route=TUNNEL.address, witnesses=()), ["vpn"]),
    (facts(LOOPBACK, CARD, TUNNEL, route=TUNNEL.address), []),
    (facts(LOOPBACK, CARD, TUNNEL, witnesses=()), []),
    (facts(witnesses=(), silent=(silent("203.0.113.9"),)), ["other_subnet"]),
    (facts(witnesses=(witness(address="203.0.113.9", found=False, hears=False),)), ["other_subnet"]),
    (facts(silent=(silent("203.0.113.9"),)), []),
    (facts(witnesses=(witness(skew=-7_300.0),)), ["clock"]),
    (facts(witnesses=(witness(skew=300.0), witness(skew=0.0))), []),
    (facts(witnesses=(witness(version=VERSION + 1),)), ["other_version"]),
    (facts(witnesses=(witness(version=0, hears=None, reaches=None),)), ["other_version"]),
    (facts(witnesses=(witness(node=msgspec.structs.replace(THERE, name=HERE.name)),)), ["same_name"]),
    (facts(twin="192.0.2.10"), ["cloned"]),
    (facts(twin="192.0.2.10", witnesses=(witness(reaches=False),)), ["port_closed", "cloned"]),
    (facts(echoes=(KEPT,), witnesses=(witness(reaches=False, found=False),)), ["multicast_out_blocked", "port_closed"]),
]


@pytest.mark.parametrize(("given", "causes"), CASES)
def test_each_cause_is_named_and_no_other(given: Facts, causes: list[str]) -> None:
    assert [finding.cause for finding in diagnose(given)] == causes


@pytest.mark.parametrize("given", [given for given, causes in CASES if causes])
def test_every_finding_says_what_is_wrong_and_what_to_do(given: Facts) -> None:
    for finding in diagnose(given):
        assert finding.sentence.endswith(".")
        assert finding.remedy[0].isupper()
        assert bool(finding.commands) == finding.remedy.endswith(":")


def test_a_closed_port_is_named_with_what_opens_it() -> None:
    (finding,) = diagnose(facts(witnesses=(witness(reaches=False),)))
    assert finding.sentence == (
        "Lab cannot reach this machine at port 28280: a firewall on this machine keeps others out."
    )
    assert "sudo ufw allow 28280/tcp" in finding.commands


@pytest.mark.parametrize(
    ("skew", "words"),
    [(130.0, "2 minutes behind"), (-240.0, "4 minutes ahead of"), (7_300.0, "2 hours behind"), (-3e6, "35 days ahead")],
)
def test_a_wrong_clock_is_measured_in_words(skew: float, words: str) -> None:
    assert words in diagnose(facts(witnesses=(witness(skew=skew),)))[0].sentence


def test_what_was_tried_is_never_empty() -> None:
    assert tried(facts(LOOPBACK, bind="192.0.2.77", echoes=(), witnesses=(), gateway="")) == [
        "Looked for an address of this machine; there is none."
    ]
    assert tried(facts(echoes=(KEPT,), silent=(silent(),), gateway_answers=False)) == [
        "Looked for rooms from 192.0.2.5.",
        "Asked everybody on eth0; it did not leave: Operation not permitted.",
        "Asked 2 machines by their addresses; 1 answered.",
        "Asked the router at 192.0.2.1; it never answered.",
    ]


def test_of_what_the_node_can_do_itself_there_is_a_button() -> None:
    (cloned,) = diagnose(facts(twin="192.0.2.10"))
    assert "192.0.2.10" in cloned.sentence
    assert cloned.button == "renew"
