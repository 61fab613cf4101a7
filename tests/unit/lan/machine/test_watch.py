import asyncio

import pytest

from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.machine import watch as module
from lanchat.lan.machine.watch import MachineWatch, Move
from tests.support.conditions import eventually

LOOPBACK = InterfaceAddress("lo", 1, "127.0.0.1", 8)
WIRED = InterfaceAddress("eth0", 2, "192.0.2.5", 24)
OTHER = InterfaceAddress("eth0", 2, "192.0.2.6", 24)
CONTAINERS = InterfaceAddress("docker0", 3, "172.17.0.1", 16, virtual=True)


class Machine:
    def __init__(self, bind: str = "") -> None:
        self.links = [LOOPBACK, WIRED]
        self.moves: list[Move] = []
        self.watch = MachineWatch(bind, on_move=self.moves.append, look=lambda: self.links)


async def test_only_what_is_another_way_than_before_is_told() -> None:
    machine = Machine()
    assert machine.watch.shown == ""
    await machine.watch.look()
    await machine.watch.look()
    assert machine.moves == []
    assert (machine.watch.shown, machine.watch.reach.addresses) == ("192.0.2.5", ["192.0.2.5"])
    machine.links = [LOOPBACK, OTHER]
    await machine.watch.look()
    await machine.watch.look()
    assert machine.moves == [Move(frozenset({"127.0.0.1", "192.0.2.6"}))]
    assert machine.watch.shown == "192.0.2.6"
    machine.links.append(CONTAINERS)
    await machine.watch.look()
    assert "172.17.0.1" in machine.moves[-1].here, "an interface of containers may hold a link as well"
    assert machine.watch.reach.addresses == ["192.0.2.6"]


async def test_a_network_that_comes_after_the_start_and_goes() -> None:
    machine = Machine()
    machine.links = [LOOPBACK]
    await machine.watch.look()
    assert machine.watch.shown == "127.0.0.1"
    machine.links = [LOOPBACK, WIRED]
    await machine.watch.look()
    assert machine.watch.shown == "192.0.2.5"
    machine.links = []
    await machine.watch.look()
    assert (machine.watch.shown, len(machine.moves)) == ("127.0.0.1", 2)


async def test_the_one_address_to_use_is_gone_and_back() -> None:
    machine = Machine("192.0.2.5")
    assert not machine.watch.bound_away, "nobody has looked yet"
    await machine.watch.look()
    assert not machine.watch.bound_away
    machine.links = [LOOPBACK, OTHER]
    await machine.watch.look()
    assert machine.watch.bound_away
    assert machine.watch.reach.own == ()
    machine.links = [LOOPBACK, OTHER, WIRED]
    await machine.watch.look()
    assert not machine.watch.bound_away
    assert machine.watch.shown == "192.0.2.5"


async def test_a_sleep_is_a_move(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    await machine.watch.look()
    monkeypatch.setattr(machine.watch._slumber, "over", lambda: True)
    await machine.watch.look()
    assert [move.slept for move in machine.moves] == [True]


async def test_where_the_system_tells_what_changes_one_looks_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(type(machine.watch._notices), "there", True)
    await machine.watch.look()
    machine.links = [LOOPBACK, OTHER]
    await machine.watch.look()
    assert machine.watch.shown == "192.0.2.5"
    machine.watch._notice()
    await machine.watch.look()
    assert machine.watch.shown == "192.0.2.6"
    machine.links = [LOOPBACK, WIRED]
    monkeypatch.setattr(module, "LOOK_ANYWAY", 0.0)
    await machine.watch.look()
    assert machine.watch.shown == "192.0.2.5"


async def test_the_wait_ends_with_a_notice_when_woken_and_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(module, "LOOK_EVERY", 60.0)
    waiting = asyncio.create_task(machine.watch.wait(60))
    await asyncio.sleep(0)
    machine.watch._notice()
    machine.watch._notice()
    await eventually(waiting.done)
    machine.watch.wake()
    await machine.watch.wait(60)
    monkeypatch.setattr(module, "LOOK_EVERY", 0.001)
    await machine.watch.wait(60)


async def test_an_interface_that_comes_and_goes_ten_thousand_times_is_looked_at_at_a_pace() -> None:
    looks = 0
    machine = Machine()
    for _ in range(10_000):
        machine.watch._notice()
    begun = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() < begun + 0.05:
        machine.watch._notice()
        await machine.watch.wait(60)
        looks += 1
    assert looks <= 2


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("192.0.2.5", False),
        ("192.0.2.9", True),
        ("127.0.0.9", False),
        ("fe80::1%eth0", False),
        ("fe80::2", True),
        ("", False),
    ],
)
def test_a_connection_is_cut_with_its_address(address: str, cut: bool) -> None:
    assert Move(frozenset({"192.0.2.5", "fe80::1"})).cuts(address) is cut


def test_after_a_sleep_every_connection_but_those_within_the_machine_is_cut() -> None:
    slept = Move(frozenset({"192.0.2.5"}), slept=True)
    assert [slept.cuts(address) for address in ("192.0.2.5", "127.0.0.1", "")] == [True, False, True]
