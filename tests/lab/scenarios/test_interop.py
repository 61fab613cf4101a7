"""Beside other implementations of mDNS: they see our records, text and goodbyes, and we see theirs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lanchat.lan.addresses import mdns_name
from lanchat.lan.discovery.records import SERVICE
from tests.support.certificates import certified
from tests.support.conditions import wait_until
from tests.support.lan.agents import Agent, Program, Stranger, room
from tests.support.lan.hosts import Lan
from tests.support.lan.others import Avahi, Bonjour, Ear

Start = Callable[..., Agent]
NAME = "général ☕"


@pytest.fixture
def avahi(lan: Lan, tmp_path: Path, nothing_left: None) -> Iterator[Avahi]:
    avahi = Avahi(lan.host("avahibox"), tmp_path / "avahi")
    yield avahi
    avahi.end()


@pytest.fixture
def listen(programs: list[Program]) -> Callable[..., Any]:
    """Starts programs of a kind."""

    def listen(kind: Callable[..., Program], *where: Any) -> Program:
        programs.append(program := kind(*where))
        return program

    return listen


def text_of(advert: dict[str, Any], node: str, members: int) -> dict[str, str]:
    """What the TXT record of a room has to say."""
    return {"v": "1", "id": advert["id"], "node": node, "nn": "Desk", "n": advert["name"], "m": str(members)}


def label_of(advert: dict[str, Any]) -> str:
    return f"{advert['name']} ({advert['id'][:6]})"


def test_avahi_sees_our_record_its_text_and_its_goodbye(lan: Lan, start: Start, avahi: Avahi) -> None:
    here, general = start(lan.host("a"), "--name", "Desk"), room(NAME)
    here.advertise(general)

    def shown() -> list[list[str]]:
        """By IPv4: each of the fields of avahi-browse."""
        return [line for line in avahi.listed() if line[2] == "IPv4" and line[7] == here.host.address]

    wait_until(shown, what="Avahi lists the room")
    (line,) = shown()
    assert unescaped(line[3]) == label_of(general)
    assert line[4:6] == ["_lanchat._tcp", "local"]
    assert line[6] == mdns_name(here.node)
    assert line[8] == "28280"
    for key, value in text_of(general, here.node, 1).items():
        assert f'"{key}={value}"' in unescaped(line[9])
    here.advertise(general | {"members": 7})
    wait_until(lambda: any('"m=7"' in line[9] for line in shown()), what="Avahi has the new text")
    here.close()
    wait_until(lambda: not shown(), what="Avahi lists it no more")


def test_we_see_what_avahi_announces_and_its_goodbye(
    lan: Lan, avahi: Avahi, start: Start, meet: Callable[..., Stranger], listen: Callable[..., Any]
) -> None:
    here, ear = start(lan.host("a")), listen(Ear, lan.host("b"))
    there, lounge = certified("avahi").id, room(NAME)
    stranger = meet(lan.hosts[0])  # what answers on the machine with Avahi, as a node does
    answer = {"node": {"id": there, "name": "Desk"}, "rooms": [lounge]}
    stranger.serve("0.0.0.0", 28_281, answer, under=there)
    publisher = avahi.publish(label_of(lounge), 28_281, **text_of(lounge, there, 1))
    here.until(lambda found: set(found) == {lounge["id"]})
    seen = ear.event("seen")
    assert (seen["name"], seen["port"]) == (f"{label_of(lounge)}.{SERVICE}", 28_281)
    assert lan.hosts[0].address in seen["addresses"]
    assert seen["txt"] == text_of(lounge, there, 1)
    publisher.terminate()
    assert ear.event("gone")["name"] == f"{label_of(lounge)}.{SERVICE}"


def test_a_browser_in_javascript_sees_our_record_its_text_and_its_goodbye(
    lan: Lan, start: Start, listen: Callable[..., Any]
) -> None:
    other = listen(Bonjour, lan.host("js"))
    here, general = start(lan.host("a"), "--name", "Desk"), room(NAME)
    here.advertise(general)
    seen = other.event("up")
    assert (seen["name"], seen["port"], seen["txt"]) == (label_of(general), 28_280, text_of(general, here.node, 1))
    assert here.host.address in seen["addresses"]
    since = here.advertise(general | {"members": 7})
    assert other.event("text", since)["txt"] == text_of(general, here.node, 7)
    here.close()
    assert other.event("down")["name"] == label_of(general)


def test_we_see_what_a_program_in_javascript_announces_and_its_goodbye(
    lan: Lan, start: Start, meet: Callable[..., Stranger], listen: Callable[..., Any]
) -> None:
    host = lan.host("js")
    other, here, ear = listen(Bonjour, host), start(lan.host("a")), listen(Ear, lan.host("b"))
    there, lounge = certified("bonjour").id, room(NAME)
    stranger = meet(host)
    stranger.serve("0.0.0.0", 28_281, {"node": {"id": there, "name": "Desk"}, "rooms": [lounge]}, under=there)
    other.publish(label_of(lounge), 28_281, **text_of(lounge, there, 1))
    here.until(lambda found: set(found) == {lounge["id"]})
    seen = ear.event("seen")
    assert (seen["name"], seen["port"], seen["txt"]) == (
        f"{label_of(lounge)}.{SERVICE}",
        28_281,
        text_of(lounge, there, 1),
    )
    other.withdraw(label_of(lounge))
    assert ear.event("gone")["name"] == f"{label_of(lounge)}.{SERVICE}"


def unescaped(field: str) -> str:
    """Return a name as it was before avahi-browse escaped it: `\\DDD` for each byte that is no letter or digit."""
    raw, rest = bytearray(), field.encode()
    while rest:
        if rest[:1] == b"\\" and rest[1:4].isdigit():
            raw.append(int(rest[1:4]))
            rest = rest[4:]
        elif rest[:1] == b"\\":
            raw += rest[1:2]
            rest = rest[2:]
        else:
            raw += rest[:1]
            rest = rest[1:]
    return raw.decode()
