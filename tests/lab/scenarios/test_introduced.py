"""Two networks with a router between them: a machine that is in both introduces the nodes of the one to the other."""

from collections.abc import Callable

from tests.lab.scenarios.test_between import in_both
from tests.support.conditions import LONG
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node, Window


def router(lan: Lan, other: Lan) -> Host:
    """A machine with a card in each of two networks that runs no node, and passes on what is sent to it."""
    host = lan.host("router")
    host.plug_in(other, "eth1")
    host.give(other.address(1), "eth1")
    host.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    return host


def test_nodes_of_two_networks_with_a_router_are_introduced_by_who_is_in_both(
    lan: Lan, serve: Callable[..., Node], look: Callable[[Node], Window]
) -> None:
    with Lan("lan1", "10.78.0") as other:
        way = router(lan, other)
        ann, bob = lan.host("ann"), other.host("bob")
        ann.run("ip", "route", "add", "default", "via", way.address)
        bob.run("ip", "route", "add", "default", "via", other.address(1))
        first, third = look(serve(ann, "--room", "lounge")), look(serve(bob, "--room", "attic"))
        middle = serve(in_both(lan, other, "mia"), "--room", "den")
        first.until(lambda: {"den", "attic"} <= set(first.rooms()), LONG, "ann's machine knows the far room")
        third.until(lambda: {"den", "lounge"} <= set(third.rooms()), LONG, "bob's machine knows it")
        room = third.open("lounge")["id"]
        third.say(room, "from beyond the router")
        first.join(room)
        first.until(lambda: first.texts(room) == ["from beyond the router"], LONG)
        middle.kill()
        third.say(room, "and on, without who introduced us")
        first.until(lambda: len(first.texts(room)) > 1, LONG)
