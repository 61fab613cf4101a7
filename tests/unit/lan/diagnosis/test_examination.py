"""Finding out what can be found out."""

import asyncio

import pytest

from lanchat.errors import Unreachable
from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.connection import NodeAddress
from lanchat.lan.diagnosis import examination
from lanchat.lan.diagnosis.examination import MOST_ADDRESSES, MOST_ASKED, Acquaintance, Patient, examine
from lanchat.lan.diagnosis.facts import Silent, Witness
from lanchat.protocol import NodeInfo
from tests.support.lan.facts import HERE, LOOPBACK, witness


def known(number: int, *addresses: str, found: bool = False) -> Acquaintance:
    return Acquaintance(NodeInfo(id=f"{number:032x}", name=f"node {number}"), addresses, found)


@pytest.fixture(autouse=True)
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> list[NodeAddress]:
    """This machine has nothing but loopback; who was asked."""
    asked: list[NodeAddress] = []

    async def ask(address: NodeAddress, node: NodeInfo, *_: object, found: bool, announces: bool) -> Witness:
        asked.append(address)
        if address.host != "127.0.0.1":
            raise Unreachable
        return witness(node=node, address=address.host, found=found)

    monkeypatch.setattr(examination, "read_links", lambda: [LOOPBACK])
    monkeypatch.setattr(examination, "ask", ask)
    return asked


async def test_who_answers_and_who_does_not() -> None:
    friends = (known(1, "192.0.2.4:1", "127.0.0.1:2"), known(2, "192.0.2.5:3"), known(3, "http://"))
    facts = await examine(Patient(node=HERE, bind="127.0.0.1", port=28_280, known=friends))
    assert [each.node.name for each in facts.witnesses] == ["node 1"]
    assert facts.silent == (Silent(friends[1].node, ("192.0.2.5",)),), (
        "who has no address that can be read is not asked"
    )
    assert [echo.interface for echo in facts.echoes] == ["lo"]
    assert facts.echoes[0].heard


async def test_no_more_are_asked_than_a_few_the_found_ones_first(on_loopback: list[NodeAddress]) -> None:
    many = [known(number, *(f"192.0.2.{number}:{port}" for port in range(1, 9))) for number in range(1, 41)]
    facts = await examine(Patient(node=HERE, bind="127.0.0.1", known=(*many, known(99, "192.0.2.99:1", found=True))))
    assert len(facts.silent) == MOST_ASKED
    assert facts.silent[0].node.name == "node 99"
    assert len(on_loopback) == (MOST_ASKED - 1) * MOST_ADDRESSES + 1


async def test_the_first_answer_ends_the_other_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = asyncio.Event()

    async def ask(address: NodeAddress, node: NodeInfo, *_: object, **__: object) -> Witness:
        if address.host == "127.0.0.1":
            return witness(node=node)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise Unreachable

    monkeypatch.setattr(examination, "ask", ask)
    facts = await examine(Patient(node=HERE, bind="127.0.0.1", known=(known(1, "192.0.2.4:1", "127.0.0.1:2"),)))
    assert len(facts.witnesses) == 1
    assert ended.is_set()


async def test_a_machine_without_addresses_is_examined_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    no_links: list[InterfaceAddress] = []
    monkeypatch.setattr(examination, "read_links", lambda: no_links)
    facts = await examine(Patient(node=HERE, bind="192.0.2.77"))
    assert facts.reach.own == ()
    assert facts.echoes == ()
