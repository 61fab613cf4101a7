"""What is put into mDNS, and what is believed of it."""

import unicodedata
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zeroconf import ServiceInfo

from lanchat.lan.discovery.records import SERVICE, Advert, FoundRoom, clean, label, nearby, read, service
from lanchat.protocol import NodeInfo

NODE = NodeInfo(id=uuid.uuid4().hex, name="Desk")
ROOM = Advert(id=uuid.uuid4().hex, name="general", members=3)
HOSTILE = st.text(st.characters(codec=None), max_size=300)


def near(address: str) -> bool:
    return address.startswith("10.0.0.")


def pairs(**more: str) -> dict[bytes, bytes | None]:
    said = {"v": "1", "id": ROOM.id, "node": NODE.id, "nn": "Desk", "n": "general", "m": "3"} | more
    return {key.encode(): value.encode() for key, value in said.items()}


def see(port: int | None = 28_280, addresses: tuple[str, ...] = ("10.0.0.5",), **more: str) -> FoundRoom | None:
    return read(port, addresses, pairs(**more), near)


def test_what_is_announced_is_read_again() -> None:
    said = service(ROOM, NODE, 28_280)
    assert said.label == f"general ({ROOM.id[:6]})"
    assert said.server == f"lanchat-{NODE.id[:8]}.local."
    info = ServiceInfo(SERVICE, f"{said.label}.{SERVICE}", port=said.port, properties=dict(said.txt))
    assert read(28_280, ["10.0.0.5"], info.properties, near) == FoundRoom(
        ROOM.id, "general", NODE, ("10.0.0.5",), 28_280, 3
    )


NAMES = ["会議室", "غرفة الاجتماع", "नमस्ते", "می\u200cخواهم", "👩\u200d💻 code", "𐍈" * 40, "a.b=c"]


@pytest.mark.parametrize("name", NAMES)
def test_a_room_of_any_name_is_read_under_it(name: str) -> None:
    said = service(Advert(ROOM.id, name, 1), NODE, 28_280)
    info = ServiceInfo(SERVICE, f"{said.label}.{SERVICE}", port=said.port, properties=dict(said.txt))
    found = read(28_280, ["10.0.0.5"], info.properties, near)
    assert found is not None
    assert found.name == name


@settings(deadline=None)  # a busy machine is no fault
@given(HOSTILE)
def test_every_name_makes_a_label_that_dns_takes(name: str) -> None:
    for introduced, tail in ((False, ROOM.id[:6]), (True, f"{ROOM.id[:6]}-{NODE.id[:6]}")):
        text = label(Advert(ROOM.id, name, 1, introduced), NODE)
        assert len(text.encode()) <= 63
        assert "." not in text
        assert text.endswith(f" ({tail})")
        ServiceInfo(SERVICE, f"{text}.{SERVICE}", port=1, properties={})


def test_only_what_is_near_and_no_service_of_the_system_is_dialled_where_a_home_is_said_to_be() -> None:
    told = [
        "10.0.0.5:28280",
        "[fd00::5]:2000",
        "10.0.0.6:80",
        "192.0.2.1:28280",
        "nonsense:x",
        "10.0.0.5%eth0:28280",
        "",
    ]
    accepts = {"10.0.0.5", "10.0.0.6", "fd00::5"}.__contains__
    assert nearby(told, accepts) == ("10.0.0.5:28280", "[fd00::5]:2000")


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(max_size=40).map(lambda text: text.encode("utf-8", "ignore").decode()), st.integers(), HOSTILE)
def test_txt_is_small(name: str, members: int, node_name: str) -> None:
    said = service(Advert(ROOM.id, name, members), NodeInfo(id=NODE.id, name=node_name), 1).txt
    sizes = [len(f"{key}={value}".encode()) for key, value in said.items()]
    assert max(sizes) <= 255
    assert sum(sizes) + len(sizes) <= 400


@settings(deadline=None)  # a busy machine is no fault
@given(HOSTILE, st.integers(8, 80))
def test_cleaning(text: str, limit: int) -> None:
    line = clean(text, limit, "nobody")
    assert 0 < len(line.encode()) <= limit
    assert line == line.strip()
    assert not any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for one in line)
    assert clean(line, limit, "nobody") == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Zoë's desk", "Zoë's desk"), ("a\x00b\r\n\x1b[31m", "a b [31m"), ("\u202egpj.exe", "gpj.exe"), ("", "nobody"),
        ("e\u0301", "é"), ("\u200b", "nobody"), ("  a   b ", "a b"), ("\ud800x", "x"), ("é" * 9, "é" * 8),
    ],
)  # fmt: skip
def test_cleaning_by_example(text: str, line: str) -> None:
    assert clean(text, 16, "nobody") == line


@pytest.mark.parametrize(
    "found",
    [
        see(22), see(0), see(65_536), see(None), see(addresses=()), see(addresses=("8.8.8.8",)), see(v="2"), see(v=""),
        see(id="<b>"), see(id=ROOM.id[:31]), see(id=ROOM.id.upper() + "x"), see(node=""), see(node="../../etc"),
        see(n=""), see(n="a\x00b"), see(n="\u202eevil"), see(n="x" * 41), see(junk="x" * 1100),
        read(28_280, ["10.0.0.5"], {}, near), read(28_280, ["10.0.0.5"], {b"": None, b"\xff": b"\xff"}, near),
    ],
)  # fmt: skip
def test_refused(found: FoundRoom | None) -> None:
    assert found is None


def test_what_can_be_mended_is_mended() -> None:
    found = see(addresses=("8.8.8.8", *(f"10.0.0.{last}" for last in range(1, 9))), nn="\x1bDe\nsk", m="999999")
    assert found is not None
    assert found.addresses == ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")
    assert found.node.name == "De sk"
    assert found.members == 9_999
    for number in ("", "-3", "9" * 400, "٣", "1e9"):
        other = see(m=number)
        assert other is not None
        assert other.members == 0
    nameless = see(nn="\u200b")
    assert nameless is not None
    assert nameless.node.name == NODE.id[:8]


def test_ipv4_goes_before_ipv6() -> None:
    found = read(28_280, ["fd00::5", "10.0.0.5"], pairs(), lambda _: True)
    assert found is not None
    assert found.addresses == ("10.0.0.5", "fd00::5")


@settings(deadline=None)  # a busy machine is no fault
@given(st.dictionaries(st.binary(max_size=9), st.none() | st.binary(max_size=300), max_size=8), st.integers(0, 70_000))
def test_whatever_comes_is_judged(said: dict[bytes, bytes | None], port: int) -> None:
    found = read(port, ["10.0.0.5"], {**pairs(), **said}, near)
    assert found is None or found.port >= 1_024
