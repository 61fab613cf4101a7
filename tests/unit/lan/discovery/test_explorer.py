"""Looking on purpose, with the nodes' answers given by the test. With sockets: tests/lab/scenarios/test_ways_in.py."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import pytest

from lanchat.errors import InvalidSetting, SlowDown, Unreachable
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery import explorer as module
from lanchat.lan.discovery.explorer import Explorer
from lanchat.lan.discovery.probe import TIMEOUT, Answer
from lanchat.lan.machine import MachineWatch
from lanchat.protocol import NodeInfo
from tests.unit.lan.discovery.test_finder import HERE, ME, World, some_id


class Wide(World):
    """Answers whoever asks who it is as well."""

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
        if not node and (answer := self.answers.get((address, port))):
            return answer
        return await super().ask(address, port, node)


@pytest.fixture
async def world() -> AsyncIterator[Wide]:
    world = Wide()
    world.finder.begin()
    yield world
    await world.finder.close()


@pytest.fixture
def explorer(world: Wide) -> Explorer:
    machine = MachineWatch()
    machine.reach = HERE
    return Explorer(world.finder, world, machine, ME.id)


async def test_a_node_at_an_address_that_somebody_typed_is_found_wherever_that_is(
    world: Wide, explorer: Explorer
) -> None:
    node, room = NodeInfo(id=some_id(), name="far"), some_id()
    world.answers["198.51.100.9", 28_280] = Answer(node, [])
    world.has(node, "198.51.100.9", room)
    assert await explorer.at("http://198.51.100.9:7000/") == node
    assert world.finder.place(node.id) == NodeAddress("198.51.100.9", 7_000)
    assert world.finder.found[room].node == node


async def test_nobody_there_ourselves_and_what_is_no_address(world: Wide, explorer: Explorer) -> None:
    with pytest.raises(Unreachable):
        await explorer.at("198.51.100.9:7000")
    with pytest.raises(InvalidSetting):
        await explorer.at("fe80::1%eth0 or so")
    world.has(ME, "10.0.0.1")
    with pytest.raises(InvalidSetting, match="this machine"):
        await explorer.at("10.0.0.1:7000")


async def test_whoever_has_not_the_key_of_its_id_is_nobody(world: Wide, explorer: Explorer) -> None:
    real, thief = NodeInfo(id=some_id(), name="real"), NodeInfo(id=some_id(), name="thief")

    class Lying(Wide):
        async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
            if node:
                raise Unreachable
            return Answer(real, [])

    lying = Lying()
    lying.finder.begin()
    liar = Explorer(lying.finder, lying, explorer._machine, ME.id)
    with pytest.raises(Unreachable):
        await liar.at("10.0.0.66:7000")
    assert real.id not in lying.finder
    assert thief.id not in lying.finder
    await lying.finder.close()


async def test_the_subnets_are_searched_once_in_a_while(
    world: Wide, explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, room = NodeInfo(id=some_id(), name="near"), some_id()
    world.has(node, "10.0.0.7", room)
    world.has(ME, "10.0.0.1")

    async def sweep(addresses: Iterable[str], port: int, ask: Callable[[str], Awaitable[None]]) -> None:
        assert len(list(addresses)) == 1_021
        monkeypatch.setattr(module, "NodeAddress", lambda host, _: NodeAddress(host, 7_000))
        for address in ("10.0.0.1", "10.0.0.7", "10.0.0.8"):
            await ask(address)

    monkeypatch.setattr(module, "sweep", sweep)
    assert await explorer.around() == ([node], 1_021)
    assert room in world.finder.found
    with pytest.raises(SlowDown):
        await explorer.around()
