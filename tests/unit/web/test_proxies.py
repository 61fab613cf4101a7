"""Who comes through a proxy, and who only says so."""

from ipaddress import ip_network
from typing import Any, cast

import pytest
from aiohttp import hdrs
from aiohttp.test_utils import make_mocked_request

from lanchat.consumers.aiohttp import client_of
from lanchat.web.proxies import NOBODY, Proxies

PROXIES = Proxies([ip_network("10.0.0.2"), ip_network("fd00::/64")])


class _Transport:
    def __init__(self, peer: str) -> None:
        self._peer = peer

    def get_extra_info(self, name: str, default: object = None) -> object:
        return (self._peer, 40_000) if name == "peername" else default


def seen(proxies: Proxies, peer: str, *forwarded: str, scheme: str = "") -> tuple[str, str]:
    headers: list[tuple[str, str]] = [(hdrs.X_FORWARDED_FOR, each) for each in forwarded]
    if scheme:
        headers.append((hdrs.X_FORWARDED_PROTO, scheme))
    request = make_mocked_request("GET", "/", cast("Any", headers), transport=cast("Any", _Transport(peer)))
    return proxies.look(request), client_of(request)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.2", ["192.0.2.7"], "192.0.2.7"),
        ("fd00::9", ["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.2", ["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
        ("10.0.0.2", ["6.6.6.6", "192.0.2.7"], "192.0.2.7"),
        ("10.0.0.2", ["6.6.6.6, 192.0.2.7, fd00::3"], "192.0.2.7"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("10.0.0.2", ["nonsense"], "10.0.0.2"),
        ("10.0.0.2", ["192.0.2.7, nonsense"], "10.0.0.2"),
        ("10.0.0.2", ["fd00::3"], "fd00::3"),
        ("192.0.2.9", ["6.6.6.6"], "192.0.2.9"),
        ("", ["6.6.6.6"], ""),
    ],
)
def test_of_whom_a_proxy_speaks(peer: str, forwarded: list[str], address: str) -> None:
    assert seen(PROXIES, peer, *forwarded)[1] == address


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [("10.0.0.2", "https", "https"), ("10.0.0.2", "gopher", "http"), ("192.0.2.9", "https", "http")],
)
def test_by_which_scheme_a_client_came(peer: str, said: str, scheme: str) -> None:
    assert seen(PROXIES, peer, "192.0.2.7", scheme=said)[0] == scheme


def test_nobody_is_believed_where_none_is_named() -> None:
    assert seen(NOBODY, "10.0.0.2", "192.0.2.7", scheme="https") == ("http", "10.0.0.2")
    assert not NOBODY.has("10.0.0.2")
    assert not PROXIES.has("nonsense")


def test_a_long_list_is_not_read_to_its_begin() -> None:
    assert seen(PROXIES, "10.0.0.2", "6.6.6.6," + "fd00::3," * 50 + "fd00::4")[1] == "fd00::3"
