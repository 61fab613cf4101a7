"""The address of a node, as it is written and read everywhere."""

import pytest

from lanchat.config import LAN_PORT
from lanchat.errors import InvalidSetting
from lanchat.lan.connection.address import MOST_PLACES, NodeAddress, host_header


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (NodeAddress("192.0.2.5", 1234), "192.0.2.5:1234"),
        (NodeAddress("2001:db8::5", 1234), "[2001:db8::5]:1234"),
        (NodeAddress("desk.local", 1234), "desk.local:1234"),
    ],
)
def test_what_is_written_can_be_read(address: NodeAddress, text: str) -> None:
    assert str(address) == text
    assert address.url == f"http://{text}/"
    assert NodeAddress.parse(text) == NodeAddress.parse(address.url) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.5", NodeAddress("192.0.2.5", LAN_PORT)),
        ("[2001:db8::5]", NodeAddress("2001:db8::5", LAN_PORT)),
        ("http://192.0.2.5:1234/?room=x", NodeAddress("192.0.2.5", 1234)),
        ("DESK.local:1234", NodeAddress("desk.local", 1234)),
    ],
)
def test_an_address_as_people_type_it(text: str, address: NodeAddress) -> None:
    assert NodeAddress.parse(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        ":1234",
        "http://",
        "192.0.2.5:99999",
        "192.0.2.5:port",
        "[::1",
        "2001:db8::5",
        "not an address",
        "192.0.2.5;rm:1234",
        "[fe80::1%eth0]:1234",
        "http://[fe80::1%25eth0]:1234/",
    ],
)
def test_what_is_no_address_is_explained(text: str) -> None:
    with pytest.raises(InvalidSetting, match="ADDRESS:PORT"):
        NodeAddress.parse(text)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://[fe80::1%eth0]:28280/api/node", "[fe80::1]:28280"),
        ("https://[fe80::1%25eth0]:28280/", "[fe80::1]:28280"),
        ("https://192.0.2.5:28280/api/node?node=a%20b", "192.0.2.5:28280"),
        ("https://desk.local/", "desk.local"),
    ],
)
def test_a_node_is_asked_without_our_zone(url: str, host: str) -> None:
    assert host_header(url) == {"Host": host}


def test_a_link_may_name_further_addresses() -> None:
    first, *further = NodeAddress.all_of("http://192.0.2.5:1234/#r=x&i=y&a=198.51.100.5:1,[fd00::5]:2&o=192.0.2.5:1234")
    assert first == NodeAddress("192.0.2.5", 1234)
    assert further == [NodeAddress("198.51.100.5", 1), NodeAddress("fd00::5", 2)]
    assert NodeAddress.all_of("192.0.2.5") == [NodeAddress("192.0.2.5", LAN_PORT)]
    assert len(NodeAddress.all_of("192.0.2.5#" + "&a=" + ",".join(f"10.0.0.{n}" for n in range(1, 99)))) == MOST_PLACES
    with pytest.raises(InvalidSetting):
        NodeAddress.all_of("192.0.2.5#&a=not an address")
