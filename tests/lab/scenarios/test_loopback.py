"""A node that is bound to loopback stays there, mDNS included."""

import sys
from collections.abc import Callable

from tests.support.lan.agents import Agent, room
from tests.support.lan.hosts import Lan

Start = Callable[..., Agent]


def test_two_on_loopback_find_each_other_and_nobody_else(lan: Lan, start: Start) -> None:
    machine, other = lan.host("a"), lan.host("b")
    outside = start(other)
    outside.advertise(room("outside"))
    sent = machine.sent()
    first = start(machine, "--bind", "127.0.0.1", "--port", "28280")
    second = start(machine, "--bind", "127.0.0.1", "--port", "28281")
    one = room("inside")
    first.advertise(one)
    second.until(lambda found: set(found) == {one["id"]})
    assert second.found[one["id"]]["addresses"] == ["127.0.0.1"]
    outside.refresh()
    outside.never(lambda found: one["id"] in found, 2)
    second.never(lambda found: len(found) != 1, 0.1)
    first.close()
    second.until(lambda found: not found)
    # What the kernel itself says (neighbours, IPv6) is not mDNS: compare with what a quiet machine sends.
    assert machine.sent() - sent < 12


def test_question_from_outside_is_not_answered(lan: Lan, start: Start) -> None:
    machine, other = lan.host("a"), lan.host("b")
    # Another program of the machine is in the group, so the kernel hands the LAN's questions to every socket.
    start(machine, "--port", "28299")
    inside = start(machine, "--bind", "127.0.0.1")
    inside.advertise(room("inside"))
    question = bytes.fromhex("0000 0000 0001 0000 0000 0000") + b"\x08_lanchat\x04_tcp\x05local\x00\x00\x0c\x00\x01"
    script = (
        "import socket, sys\n"
        "ask = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "ask.settimeout(1.5)\n"
        f"for to in ('224.0.0.251', {machine.address!r}):\n"
        f"    ask.sendto({question!r}, (to, 5353))\n"
        "try:\n"
        "    print(ask.recvfrom(9000))\n"
        "except socket.timeout:\n"
        "    print('nobody')\n"
    )
    other.run("ip", "route", "add", "224.0.0.0/4", "dev", "eth0")
    assert other.run(sys.executable, "-c", script).strip() == "nobody"


def test_bound_to_one_of_two_networks(start: Start) -> None:
    with Lan() as lan, Lan("lan1", "10.78.0") as wrong:
        here, right, left = lan.host("a"), lan.host("b"), wrong.host("c")
        here.plug_in(wrong, "eth1")
        here.give("10.78.0.50", "eth1")
        near, far = start(right), start(left)
        bound = start(here, "--bind", here.address)
        one = room("one")
        bound.advertise(one)
        near.until(lambda found: one["id"] in found)
        far.refresh()
        far.never(bool, 2)
        both = start(here, "--port", "28290")
        two = room("two")
        both.advertise(two)
        near.until(lambda found: set(found) == {one["id"], two["id"]})
        far.until(lambda found: set(found) == {two["id"]})
