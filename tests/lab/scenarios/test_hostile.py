"""What strangers say by mDNS is believed only as far as it can be checked, and harms nothing."""

import random
import uuid
from collections.abc import Callable
from typing import Any

import psutil

from tests.support.certificates import certified
from tests.support.lan.agents import Agent, Program, Stranger, room
from tests.support.lan.hosts import Lan

Start = Callable[..., Agent]
Meet = Callable[..., Stranger]


def claim(stranger: Program, *, port: int = 28_280, **more: Any) -> dict[str, Any]:
    """A well-formed announcement, except for `more`."""
    node, name = more.pop("node", "") or certified("stranger").id, more.pop("name", "trap")
    room_id = more.pop("id", uuid.uuid4().hex)
    return {
        "label": f"{name} ({room_id[:6]})",
        "server": f"lanchat-{node[:8]}.local.",
        "port": port,
        "addresses": [stranger.host.address],
        "txt": {"v": "1", "id": room_id, "node": node, "nn": "stranger", "n": name, "m": "1"},
    } | more


def answer(record: dict[str, Any]) -> dict[str, Any]:
    """What the node of that announcement would say of itself."""
    txt = record["txt"]
    return {
        "node": {"id": txt["node"], "name": txt["nn"]},
        "rooms": [{"id": txt["id"], "name": txt["n"], "members": 1}],
    }


def node_of(record: dict[str, Any]) -> str:
    """The id of the node of that announcement."""
    node: str = record["txt"]["node"]
    return node


def test_record_is_listed_once_its_node_answers(lan: Lan, start: Start, meet: Meet) -> None:
    here, stranger = start(lan.host("a")), meet(lan.host("x"))
    empty, true = claim(stranger, port=28_281), claim(stranger)
    stranger.serve("0.0.0.0", 28_280, answer(true), under=node_of(true))
    stranger.say(empty, true)
    here.until(lambda found: set(found) == {true["txt"]["id"]})
    here.never(lambda found: empty["txt"]["id"] in found, 1)


def test_low_port_is_not_asked(lan: Lan, start: Start, meet: Meet) -> None:
    here, stranger = start(lan.host("a")), meet(lan.host("x"))
    record = claim(stranger, port=22)
    stranger.serve("0.0.0.0", 22, answer(record), under=node_of(record))
    stranger.say(record)
    here.never(bool, 1.5)
    assert stranger.asked() == 0


def test_address_that_is_not_near_is_not_asked(lan: Lan, start: Start, meet: Meet) -> None:
    host, other = lan.host("a"), lan.host("x")
    # It could be reached, over a router: only the check keeps the node from going there.
    other.give("10.99.0.5")
    host.run("ip", "route", "add", "10.99.0.0/24", "via", other.address)
    here, stranger = start(host), meet(other)
    record = claim(stranger, addresses=["10.99.0.5", "127.0.0.1", "8.8.8.8", "224.0.0.1"])
    stranger.serve("0.0.0.0", 28_280, answer(record), under=node_of(record))
    stranger.say(record)
    here.never(bool, 1.5)
    assert stranger.asked() == 0


def test_other_node_at_the_address(lan: Lan, start: Start, meet: Meet) -> None:
    here, stranger = start(lan.host("a")), meet(lan.host("x"))
    record, other = claim(stranger), claim(stranger)
    stranger.serve("0.0.0.0", 28_280, answer(other), under=node_of(other))
    stranger.say(record)
    here.never(bool, 1.5)
    assert stranger.asked() == 0


def test_known_node_of_which_the_key_is_not_there(lan: Lan, start: Start, meet: Meet) -> None:
    """A stranger advertises the id of a node that was there, with its room, and answers just as it would."""
    here, home, stranger = start(lan.host("a")), start(lan.host("b")), meet(lan.host("x"))
    general = room("general")
    home.advertise(general)
    here.until(lambda found: general["id"] in found, 2)
    home.kill()
    here.until(lambda found: not found, 20)
    record = claim(stranger, node=home.node, id=general["id"], name="general")
    stranger.serve("0.0.0.0", 28_280, answer(record), under=certified("stranger").id)
    stranger.say(record)
    here.never(bool, 3)
    assert stranger.asked() == 0
    start(home.host, node=home.node).advertise(general)
    here.until(lambda found: bool(found) and found[general["id"]]["addresses"][0] == home.host.address, 5)


def test_claimed_room_stays_with_its_first_node(lan: Lan, start: Start, meet: Meet) -> None:
    here, home, stranger = start(lan.host("a")), start(lan.host("b")), meet(lan.host("x"))
    general = room("general")
    home.advertise(general)
    here.until(lambda found: general["id"] in found)
    record = claim(stranger, id=general["id"], name="General")
    stranger.serve("0.0.0.0", 28_280, answer(record), under=node_of(record))
    stranger.say(record)
    here.never(lambda found: found[general["id"]]["node"]["id"] != home.node, 1.5)
    assert stranger.asked() > 0


def test_texts_with_controls(lan: Lan, start: Start, meet: Meet) -> None:
    here, stranger = start(lan.host("a")), meet(lan.host("x"))
    odd = claim(stranger)
    odd["txt"]["nn"] = "\x1b[31mDe\x00sk\r\n"
    bad = claim(stranger, port=28_281)
    bad["txt"]["n"] = "a\x00b\x1b[2J"
    stranger.serve("0.0.0.0", 28_280, answer(odd), under=node_of(odd))
    stranger.serve("0.0.0.0", 28_281, answer(bad), under=node_of(bad))
    for label in ("a\x00b\r\n\x1b", "..", " ", "\x7f", "x" * 63):
        stranger.say({**claim(stranger), "label": label})
    stranger.say(bad, odd)
    here.until(lambda found: set(found) == {odd["txt"]["id"]})
    assert here.found[odd["txt"]["id"]]["node"]["name"] == "[31mDe sk"


def test_broken_packets(lan: Lan, start: Start, meet: Meet) -> None:
    here, home, stranger = start(lan.host("a")), start(lan.host("b")), meet(lan.host("x"))
    dice = random.Random(7)
    loop = bytes.fromhex("000084000000000100000000") + b"\xc0\x0c" + bytes.fromhex("000c0001000011940002c00c")
    stranger.raw(loop, b"", b"\x00", *(dice.randbytes(dice.randrange(1, 300)) for _ in range(300)))
    # A pointer into another type of service, which zeroconf refuses as a name of ours.
    name = b"\x08_lanchat\x04_tcp\x05local\x00"
    other = b"\x01x\x05_http\x04_tcp\x05local\x00"
    head = bytes.fromhex("000084000000000100000000")
    stranger.raw(head + name + bytes.fromhex("000c000100001194") + len(other).to_bytes(2, "big") + other)
    general = room("general")
    home.advertise(general)
    here.until(lambda found: set(found) == {general["id"]})


def test_goodbyes_in_the_name_of_a_home_that_is_there(lan: Lan, start: Start, meet: Meet) -> None:
    here, home, stranger = start(lan.host("a")), start(lan.host("b")), meet(lan.host("x"))
    general = room("general")
    home.advertise(general)
    here.until(lambda found: set(found) == {general["id"]})
    label = f"general ({general['id'][:6]})"
    goodbye = claim(stranger, id=general["id"], name="general", node=home.node, label=label, ttl=0)
    stranger.say(*[goodbye | {"addresses": []}] * 50)
    here.never(lambda found: general["id"] not in found, 3)
    home.advertise()
    here.until(lambda found: not found, 5)


def test_flood_of_rooms(lan: Lan, start: Start, meet: Meet) -> None:
    here, home, stranger = start(lan.host("a")), start(lan.host("b")), meet(lan.host("x"))
    process = psutil.Process(here.process.pid)
    before = process.memory_info().rss
    for _ in range(10):
        stranger.say(*(claim(stranger, name=f"flood {number}", port=2_000 + number) for number in range(300)))
    general = room("general")
    home.advertise(general)
    here.until(lambda found: set(found) == {general["id"]})
    assert process.memory_info().rss - before < 40_000_000
    assert process.is_running()
