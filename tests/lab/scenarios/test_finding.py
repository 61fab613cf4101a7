"""Nodes find each other's rooms, and notice when they are gone."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.lan.agents import Agent, Rooms, room
from tests.support.lan.hosts import Lan

VISIBLE = 2.0
"""Seconds in which a room is to be seen elsewhere."""
GOODBYE = 1.0
"""Seconds in which a room is to be gone after a clean end."""
KILLED = 15.0
"""Seconds in which the rooms of a killed node are to be gone."""

Start = Callable[..., Agent]


def has(*rooms: dict[str, object]) -> Callable[[Rooms], bool]:
    return lambda found: set(found) == {str(one["id"]) for one in rooms}


def by_ipv4(found: Mapping[str, Any]) -> list[str]:
    """The addresses of a room's node but for those that its card gave itself."""
    return [address for address in found["addresses"] if ":" not in address]


def test_room_is_seen_and_goodbye_is_noticed(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a"), "--name", "Desk"), start(lan.host("b"))
    general = room("general", members=3)
    asked = here.advertise(general)
    assert there.until(has(general), VISIBLE) - asked <= VISIBLE
    assert by_ipv4(there.found[general["id"]]) == [here.host.address]
    assert {**there.found[general["id"]], "addresses": []} == {
        **general,
        "node": {"id": here.node, "name": "Desk"},
        "addresses": [],
        "port": 28_280,
        "top": 0,
        "door": "open",
        "owner": "",
        "salt": "",
        "by": "",
        "at": [],
    }
    asked = here.close()
    assert there.until(has(), GOODBYE + 1) - asked <= GOODBYE
    assert here.event("closed")["tasks"] == []


def test_node_that_comes_later_sees_what_is_there(lan: Lan, start: Start) -> None:
    first, second = lan.host("a"), lan.host("b")
    general = room("general")
    start(first).advertise(general)
    began = time.monotonic()
    late = start(second)
    assert late.until(has(general), 3 + VISIBLE) - began <= 3 + VISIBLE


def test_many_rooms_come_and_one_goes(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    rooms = [room(f"room {number}") for number in range(50)]
    here.advertise(*rooms)
    there.until(has(*rooms), VISIBLE)
    here.advertise(*rooms[1:])
    there.until(has(*rooms[1:]), GOODBYE)


def test_same_name_on_two_nodes_is_two_rooms(lan: Lan, start: Start) -> None:
    first, second, third = start(lan.host("a")), start(lan.host("b")), start(lan.host("c"))
    one, other = room("general"), room("general")
    first.advertise(one)
    second.advertise(other)
    third.until(has(one, other), VISIBLE)
    first.until(has(other), VISIBLE)
    second.until(has(one), VISIBLE)


def test_killed_node_vanishes_and_comes_back(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    general = room("general")
    here.advertise(general)
    there.until(has(general), VISIBLE)
    killed = here.kill()
    assert there.until(has(), KILLED) - killed <= KILLED
    again = start(here.host, node=here.node)
    asked = again.advertise(general)
    assert there.until(has(general), VISIBLE) - asked <= VISIBLE


def test_killed_node_comes_back_on_another_port_before_it_is_missed(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    general = room("general")
    here.advertise(general)
    there.until(has(general), VISIBLE)
    here.kill()
    start(here.host, "--port", "28290", node=here.node).advertise(general)
    there.until(lambda found: bool(found) and found[general["id"]]["port"] == 28_290, VISIBLE)


def test_forgotten_node_that_is_there_is_found_again(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    general = room("general")
    here.advertise(general)
    there.until(has(general), VISIBLE)
    there.forget(here.node)
    there.until(has(general), VISIBLE)


def test_members_follow(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    general = room("general", members=1)
    here.advertise(general)
    there.until(has(general), VISIBLE)
    here.advertise({**general, "members": 7})
    there.until(lambda found: found[general["id"]]["members"] == 7, 10)


def test_cable_out_and_in(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    general = room("general")
    here.advertise(general)
    there.until(has(general), VISIBLE)
    here.host.cut()
    there.until(has(), KILLED + 5)
    here.host.heal()
    there.until(has(general), 20)


def test_address_arrives_after_the_start(lan: Lan, start: Start) -> None:
    there = start(lan.host("b"))
    host = lan.host("a", address=False)
    host.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1")  # or it would have one of its own at once
    here = start(host)
    general = room("general")
    here.advertise(general)
    there.never(has(general), 1)
    here.host.give(here.host.address)
    there.until(has(general))


def test_another_address(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    general = room("general")
    here.advertise(general)
    there.until(has(general), VISIBLE)
    here.host.take(here.host.address)
    here.host.give(lan.address(99))
    there.until(lambda found: bool(found) and found[general["id"]]["addresses"][0] == lan.address(99), 15)
    there.until(lambda found: bool(found) and by_ipv4(found[general["id"]]) == [lan.address(99)], 15)


def test_network_card_is_exchanged(lan: Lan, start: Start) -> None:
    """The same address on an interface with another number: nothing but that number tells."""
    here, there = start(lan.host("a")), start(lan.host("b"))
    here.host.pull_out()
    here.host.plug_in()
    here.host.give(here.host.address)
    other = room("other")
    there.advertise(other)
    here.until(has(other), 12)
    general = room("general")
    here.advertise(general)
    there.until(has(general), VISIBLE)


def test_a_third_of_the_packets_lost(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    here.host.lose(30)
    there.host.lose(30)
    general = room("general")
    here.advertise(general)
    # zeroconf asks at 0, 1, 5 and 14 s, and each question, answer and connection may be lost.
    there.until(has(general), 40)


def test_outage_that_swallows_every_announcement(lan: Lan, start: Start) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    here.host.lose(100)
    general = room("general")
    here.advertise(general)
    there.never(has(general), 1.5)
    here.host.lose(0)
    there.refresh()
    there.until(has(general), VISIBLE)
