"""Finding each other where the network does not carry what is said to everybody."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.lab.scenarios.test_takeover import voters
from tests.support.conditions import LONG, wait_until
from tests.support.lan.hosts import Host, Lan, root
from tests.support.lan.nodes import LANCHAT, Node, Window

Serve = Callable[..., Node]
Look = Callable[[Node], Window]
IN_THE_ROOM = 20.0
"""Seconds from a click, or a code, until somebody is in the room. It takes two, and more on a busy machine."""


@contextlib.contextmanager
def no_multicast() -> Iterator[None]:
    """An access point that lets through what is said to one, and not what is said to all."""
    chain = "add table bridge mute; add chain bridge mute f { type filter hook forward priority 0; };"
    drops = "".join(
        f"add rule bridge mute f ether daddr {group} drop;" for group in ("01:00:5e:00:00:fb", "33:33:00:00:00:fb")
    )
    subprocess.run(["nft", chain + drops], check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete table bridge mute"], check=True)


@pytest.fixture
def mute(lan: Lan) -> Iterator[None]:
    with no_multicast():
        yield


@pytest.mark.usefixtures("mute")
def test_a_click_finds_who_is_in_the_subnet_and_they_find_us(lan: Lan, serve: Serve, look: Look) -> None:
    home, far = (
        serve(lan.host("ann"), "--name", "ann", "--room", "lounge"),
        serve(lan.host("bob"), "--name", "bob", "--room", "den"),
    )
    third = serve(lan.host("cleo"), "--name", "cleo", "--room", "attic")
    first, second, other = look(home), look(far), look(third)
    room_id = first.open("lounge")["id"]
    first.say(room_id, "before")
    clicked = time.monotonic()
    answer = second.answer("looked", second.do("send", frame={"type": "look", "ref": 1}))
    assert sorted(node["name"] for node in answer["nodes"]) == ["ann", "cleo"]
    assert answer["asked"] == 253
    second.until(lambda: {"lounge", "attic"} <= set(second.rooms()))
    second.open("lounge")
    second.until(lambda: second.texts(room_id) == ["before"])
    assert time.monotonic() - clicked <= IN_THE_ROOM
    first.until(lambda: "den" in first.rooms(), what="who was asked knows who asked")
    other.until(lambda: "den" in other.rooms())
    first.until(lambda: "attic" in first.rooms(), what="and hears of others")
    again = second.do("send", frame={"type": "look", "ref": 2})
    second.until(lambda: any(frame.get("code") == "slow_down" for frame in second.frames))
    assert again


@pytest.mark.usefixtures("mute")
def test_an_address_that_is_typed(lan: Lan, serve: Serve, look: Look) -> None:
    home, far = (
        serve(lan.host("ann"), "--name", "ann", "--room", "lounge"),
        serve(lan.host("bob"), "--name", "bob", "--room", "den"),
    )
    first, second = look(home), look(far)
    first.open("lounge")
    typed = time.monotonic()
    frame = {"type": "look", "ref": 1, "address": f"http://{home.host.address}:28280/"}
    answer = second.answer("looked", second.do("send", frame=frame))
    assert [node["name"] for node in answer["nodes"]] == ["ann"]
    second.until(lambda: "lounge" in second.rooms())
    assert time.monotonic() - typed <= IN_THE_ROOM
    for number, (address, code) in enumerate(
        [(lan.address(77), "unreachable"), ("http://", "invalid_setting"), (far.host.address, "invalid_setting")]
    ):
        second.do("send", frame={"type": "look", "ref": 50 + number, "address": address})
        second.until(lambda code=code, ref=50 + number: (ref, code) in refusals(second))  # type: ignore[misc]


@pytest.mark.usefixtures("mute")
def test_a_code_leads_into_its_room_by_the_next_address_where_the_first_is_dead(
    lan: Lan, serve: Serve, look: Look
) -> None:
    home, far = (
        serve(lan.host("ann"), "--name", "ann", "--room", "lounge"),
        serve(lan.host("bob"), "--name", "bob", "--room", "den"),
    )
    first, second = look(home), look(far)
    room_id = first.open("lounge")["id"]
    first.say(room_id, "come in")
    places = f"{lan.address(77)}:28280,{home.host.address}:28280"
    since = second.do("send", frame={"type": "open", "room": room_id, "address": places})
    assert second.answer("opened", since)["room"]["node"]["name"] == "ann"
    second.join(room_id)
    second.until(lambda: second.texts(room_id) == ["come in"])


def refusals(window: Window) -> list[tuple[int, str]]:
    return [(frame.get("ref", 0), frame["code"]) for frame in window.frames if frame["type"] == "error"]


def test_who_answered_in_this_network_is_asked_again_at_the_next_start(lan: Lan, serve: Serve, look: Look) -> None:
    home, far = (
        serve(lan.host("ann"), "--name", "ann", "--room", "lounge"),
        serve(lan.host("bob"), "--name", "bob", "--room", "den"),
    )
    first, second = look(home), look(far)
    first.open("lounge")
    second.until(lambda: "lounge" in second.rooms())
    far.stop()
    known = json.loads((far.data_dir / "node.neighbours").read_text())
    assert list(known) == [f"- - {lan.address(0)}/24"]
    with no_multicast():
        far.again()
        again = look(far)
        again.until(lambda: "lounge" in again.rooms(), LONG)


def test_what_is_remembered_of_another_network_is_not_dialled(lan: Lan, serve: Serve, look: Look) -> None:
    host = lan.host("bob")
    host.run("ip", "route", "add", "default", "via", lan.address(1))
    far = serve(host, "--name", "bob", "--room", "den")
    far.stop()
    places = {f"{number:032x}": f"10.77.{number % 4}.{number % 250 + 1}:28280" for number in range(10_000)}
    other = {"192.0.2.1 02:00:00:00:00:01 10.77.0.0/24": {"at": 1.0, "nodes": places}}
    own = {"10.77.0.1 - 10.77.0.0/24": {"at": 2.0, "nodes": {"a" * 32: "10.78.1.9:28280", "b" * 32: "8.8.8.8:28280"}}}
    (far.data_dir / "node.neighbours").write_text(json.dumps(other | own))
    chain = "add table inet seen; add chain inet seen o { type filter hook output priority 0; };"
    near = "ip daddr { 10.77.0.0/24, 127.0.0.0/8 }"
    host.run("nft", f"{chain} add rule inet seen o {near} accept; add rule inet seen o tcp flags syn counter")
    far.again()
    window = look(far)
    serve(lan.host("ann"), "--name", "ann", "--room", "lounge")
    window.until(lambda: "lounge" in window.rooms())
    assert "counter packets 0" in host.run("nft", "list", "chain", "inet", "seen", "o")


@pytest.mark.usefixtures("mute")
def test_a_script_searches_the_subnet_without_a_node(lan: Lan, serve: Serve, look: Look) -> None:
    home = serve(lan.host("ann"), "--name", "ann", "--room", "lounge")
    look(home).open("lounge")
    script = lan.host("bob")

    def listed(*options: str) -> str:
        command = [*LANCHAT, "rooms", "--search", "1", "--data-dir", "nowhere", *options]
        done = subprocess.run(
            ["ip", "netns", "exec", script.name, *command], cwd=root(), capture_output=True, text=True, check=True
        )
        return done.stdout

    assert "lounge" not in listed()
    assert "lounge" in listed("--search-subnet")


def test_a_machine_that_moves_where_multicast_is_blocked_tells_those_it_knows(
    lan: Lan, serve: Serve, look: Look
) -> None:
    home, far = (
        serve(lan.host("ann"), "--name", "ann", "--room", "lounge"),
        serve(lan.host("bob"), "--name", "bob", "--room", "den"),
    )
    first, second = look(home), look(far)
    room_id = first.open("lounge")["id"]
    second.until(lambda: "lounge" in second.rooms())
    first.until(lambda: "den" in first.rooms())
    second.open("lounge")
    first.say(room_id, "before")
    second.until(lambda: second.texts(room_id) == ["before"])
    with no_multicast():
        _readdress(home.host, lan.address(99))
        second.say(room_id, "to where you are now")
        first.until(lambda: "to where you are now" in first.texts(room_id), LONG)


def _readdress(host: Host, address: str) -> None:
    host.take(host.address)
    host.give(address)


def without_ipv4(lan: Lan, name: str) -> Host:
    """A machine that has nothing but what IPv6 gives to each card by itself."""
    return lan.host(name, address=False)


def test_link_local_addresses_only(lan: Lan, serve: Serve, look: Look) -> None:
    """Nodes dial each other with the zone; guests are shown the name, as no browser takes a zone."""
    home, far = (serve(without_ipv4(lan, name), "--name", name, "--room", f"{name}s") for name in ("ann", "bob"))
    first, second = look(home), look(far)
    opened = time.monotonic()
    room_id = first.open("lounge")["id"]
    second.until(lambda: "lounge" in second.rooms())
    second.open("lounge")
    first.say(room_id, "by link-local addresses")
    second.until(lambda: second.texts(room_id) == ["by link-local addresses"])
    assert time.monotonic() - opened <= IN_THE_ROOM
    second.say(room_id, "and back")
    first.until(lambda: first.texts(room_id)[-1] == "and back")
    running = home.running
    assert running is not None
    shown = running["lan"]
    assert shown.startswith("http://lanchat-")
    assert shown.endswith(".local:28280/")
    # What a guest's system makes of that name, once it has asked by mDNS: the address with the zone.
    where = f"fe80::{home.host.run('cat', '/sys/class/net/eth0/address').strip()}"
    ask = (
        "import asyncio, sys; from zeroconf import AddressResolverIPv6, Zeroconf, IPVersion\n"
        "name = sys.argv[1]\n"
        "zeroconf = Zeroconf(interfaces=[int(sys.argv[2])], ip_version=IPVersion.V6Only)\n"
        "found = AddressResolverIPv6(name)\n"
        "assert found.request(zeroconf, 5000)\n"
        "print(found.parsed_scoped_addresses()[0]); zeroconf.close()\n"
    )
    name = shown.removeprefix("http://").partition(":")[0]
    index = far.host.run("cat", "/sys/class/net/eth0/ifindex").strip()
    found = far.host.run(sys.executable, "-c", ask, f"{name}.", index).strip()
    assert found.startswith("fe80::"), where
    host = found.partition("%")[0]
    fetch = (
        "import socket, sys\n"
        "s = socket.create_connection((sys.argv[1] + '%eth0', 28280))\n"
        "lines = ['GET /api/node HTTP/1.1', f'Host: {sys.argv[2]}:28280', 'Connection: close', '', '']\n"
        "s.sendall('\\r\\n'.join(lines).encode())\n"
        "print(s.recv(64).decode())\n"
    )
    assert "200 OK" in far.host.run(sys.executable, "-c", fetch, host, name)


def test_a_small_subnet_beside_a_large_one_on_one_wire(lan: Lan, serve: Serve, look: Look) -> None:
    """One has a /16 and the other a /24 in it: by IPv4 one could ask, and the other not answer."""
    wide, narrow = lan.host("ann", address=False), lan.host("bob")
    wide.run("ip", "addr", "add", "10.77.5.5/16", "dev", "eth0")
    first, second = (
        look(serve(wide, "--name", "ann", "--room", "lounge")),
        look(serve(narrow, "--name", "bob", "--room", "den")),
    )
    first.open("lounge")
    second.open("den")
    first.until(lambda: "den" in first.rooms())
    second.until(lambda: "lounge" in second.rooms())


def test_voters_reach_each_other_by_link_local_addresses(lan: Lan, serve: Serve, look: Look, nodes: list[Node]) -> None:
    """The room goes on without its home, so those who are left have voted: each dialled the other with its own zone."""
    windows = [
        look(serve(without_ipv4(lan, name), "--name", name, "--room", room))
        for name, room in (("ann", "lounge"), ("bob", "den"), ("cleo", "attic"))
    ]
    first, second, third = windows
    room_id = first.open("lounge")["id"]
    for window in (second, third):
        window.until(lambda window=window: "lounge" in window.rooms())  # type: ignore[misc]
        window.open("lounge")
        window.say(room_id, f"{window.host.name} is here")
    wait_until(lambda: all(len(voters(node)) == len(windows) for node in nodes), what="all of them vote")
    nodes[0].kill()
    second.say(room_id, "ann is away")
    for window in (second, third):
        window.until(lambda window=window: "ann is away" in window.texts(room_id), LONG)  # type: ignore[misc]
