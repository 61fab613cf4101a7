"""Nodes beyond a router, with the nodes' answers given by the test. Those near us: test_finder.py."""

from collections.abc import AsyncIterator

import pytest

from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.probe import Answer, AnsweredRoom, ToldNode
from lanchat.protocol import NodeInfo
from tests.support.conditions import eventually
from tests.unit.lan.discovery.test_finder import World, node, some_id

NEAR, OTHER, FAR = ("10.0.0.9", 7_000), ("192.168.7.9", 7_000), ("192.168.7.5", 7_000)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    world.finder.begin()
    yield world
    await world.finder.close()


def between(far: NodeInfo, room: str, *networks: str) -> Answer:
    """What a machine in two networks answers, which reaches a node on the far side."""
    me = node("between")
    told = [ToldNode(far.id, f"{FAR[0]}:{FAR[1]}")]
    return Answer(me, [AnsweredRoom(room, "den", 1)], nodes=told, networks=["10.0.0.9/16", *networks])


async def test_nodes_beyond_a_router_are_asked_once_who_is_in_both_networks_answers_there(world: World) -> None:
    far, den, attic = node("far"), some_id(), some_id()
    answer = between(far, den, "192.168.7.9/24", "8.8.8.8/24")
    world.has(far, FAR[0], attic)
    world.answers[NEAR] = answer
    world.say(answer.node, den, NEAR[0])
    await eventually(lambda: den in world.finder.found)
    await eventually(lambda: OTHER in world.asked)
    world.finder.meet(far.id, NodeAddress(*FAR))
    assert FAR not in world.asked
    world.answers[OTHER] = answer
    await eventually(lambda: attic in world.finder.found, what="there is a way")
    assert {host for host, _ in world.asked} == {NEAR[0], OTHER[0], FAR[0]}
    world.finder.meet(third := some_id(), NodeAddress("192.168.7.6", 7_000))
    world.finder.meet(some_id(), NodeAddress("192.168.200.6", 7_000))
    world.finder.meet(some_id(), NodeAddress("8.8.8.9", 7_000))
    await eventually(lambda: ("192.168.7.6", 7_000) in world.asked, what="who asks from there is asked")
    assert not {"192.168.200.6", "8.8.8.9"} & {host for host, _ in world.asked}
    assert world.finder.place(third) is None


async def test_what_a_node_beyond_says_of_its_networks_counts_for_nothing(world: World) -> None:
    far, den, attic = node("far"), some_id(), some_id()
    answer = between(far, den, "192.168.7.9/24")
    further = Answer(far, [AnsweredRoom(attic, "attic", 1)], networks=["192.168.7.5/24", "172.16.0.1/24"])
    world.answers |= {NEAR: answer, OTHER: answer, FAR: further}
    world.say(answer.node, den, NEAR[0])
    await eventually(lambda: attic in world.finder.found)
    world.answers[FAR] = Answer(far, [*further.rooms, AnsweredRoom(some_id(), "b", 1)], networks=further.networks)
    await eventually(lambda: len(world.finder.found) == 3)
    assert ("172.16.0.1", 7_000) not in world.asked


async def test_who_keeps_to_one_address_believes_nothing_of_other_networks() -> None:
    world = World(fenced=True)
    world.finder.begin()
    far, den = node("far"), some_id()
    answer = between(far, den, "192.168.7.9/24")
    world.answers |= {NEAR: answer, OTHER: answer}
    world.say(answer.node, den, NEAR[0])
    await eventually(lambda: den in world.finder.found)
    world.has(answer.node, NEAR[0], den, other := some_id())
    await eventually(lambda: other in world.finder.found)
    assert {host for host, _ in world.asked} == {NEAR[0]}
    await world.finder.close()
