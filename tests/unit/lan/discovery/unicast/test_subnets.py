import asyncio
from ipaddress import ip_address, ip_network

import pytest

from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.discovery.unicast import subnets as module
from lanchat.lan.discovery.unicast.subnets import AT_ONCE, sweep, to_sweep


def link(address: str, prefix: int, *, virtual: bool = False) -> InterfaceAddress:
    return InterfaceAddress("eth0", 2, address, prefix, virtual)


def test_the_own_subnet_without_ourselves() -> None:
    found = to_sweep([link("192.168.7.9", 24)])
    assert len(found) == 253
    assert (found[0], found[-1], "192.168.7.9" in found) == ("192.168.7.1", "192.168.7.254", False)


def test_of_a_large_one_the_part_around_us() -> None:
    found = to_sweep([link("10.1.2.3", 8)])
    assert len(found) == 1_021
    assert all(ip_address(address) in ip_network("10.1.0.0/22") for address in found)


@pytest.mark.parametrize(
    "given",
    [
        link("203.0.114.5", 24),
        link("127.0.0.1", 8),
        link("169.254.3.4", 16),
        link("2001:db8::5", 64),
        link("10.8.0.2", 32),
        link("10.8.0.2", 31),
        link("172.17.0.1", 16, virtual=True),
    ],
)
def test_nobody_is_looked_for_on_the_internet_in_a_vpn_or_within_this_machine(given: InterfaceAddress) -> None:
    assert to_sweep([given]) == []


def test_of_many_interfaces_three_are_searched_and_none_twice() -> None:
    found = to_sweep([link(f"10.0.{number // 2}.{number + 1}", 24) for number in range(10)])
    assert len(found) == 3 * 254 - 6
    assert len(set(found)) == len(found)


async def test_only_those_that_listen_are_asked_and_never_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trying = most = 0
    asked: list[str] = []

    async def listens(address: str, port: int) -> bool:
        nonlocal trying, most
        assert port == 28_280
        trying += 1
        most = max(most, trying)
        await asyncio.sleep(0)
        trying -= 1
        return address.endswith(".7")

    async def ask(address: str) -> None:
        asked.append(address)

    monkeypatch.setattr(module, "_listens", listens)
    monkeypatch.setattr(module, "_PACE", 0.0)
    await sweep(to_sweep([link("10.1.2.3", 22)]), 28_280, ask)
    assert sorted(asked) == [f"10.1.{number}.7" for number in range(4)]
    assert most <= AT_ONCE


async def test_with_sockets() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asked: list[str] = []

    async def ask(address: str) -> None:
        asked.append(address)

    async with server:
        await sweep(["127.0.0.1", "127.0.0.2"], port, ask)
    assert asked == ["127.0.0.1"]
