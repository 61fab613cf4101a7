from typing import Any

import pytest

from lanchat.layers.redis.connection.hosts import hosts_of


@pytest.mark.parametrize(
    ("entry", "label", "transport", "options"),
    [
        ("redis://ada:secret@example.test:7000/3", "example.test:7000", "tcp", {"username": "ada", "db": 3}),
        ("rediss://example.test", "example.test:6379", "tls", {"host": "example.test"}),
        ("unix:///run/redis.sock?db=2", "/run/redis.sock", "unix", {"db": 2}),
        (("10.0.0.1", 7000), "10.0.0.1:7000", "tcp", {"port": 7000}),
        (["10.0.0.1", "7000"], "10.0.0.1:7000", "tcp", {"port": 7000}),
        ({"address": "redis://h:1", "db": 4}, "h:1", "tcp", {"db": 4}),
        ({"address": ("h", 1), "password": "x"}, "h:1", "tcp", {"password": "x"}),
        ({"host": "h", "port": 5, "ssl": True}, "h:5", "tls", {"host": "h"}),
        ({"host": "h", "socket_timeout": 1, "protocol": 3, "decode_responses": True}, "h:6379", "tcp", {"host": "h"}),
        ({}, "localhost:6379", "tcp", {}),
    ],
)
def test_a_server_is_named_in_many_forms(entry: Any, label: str, transport: str, options: dict[str, Any]) -> None:
    [host] = hosts_of([entry])
    assert (host.label, host.transport) == (label, transport)
    assert {name: host.options.get(name) for name in options} == options
    assert not {"socket_timeout", "protocol", "decode_responses", "ssl"} & set(host.options)


def test_a_label_has_no_password() -> None:
    [host] = hosts_of(["redis://ada:secret@h:1"])
    assert "secret" not in host.label


def test_a_cluster() -> None:
    [host] = hosts_of([{"cluster": [("a", 1), ("b", "2")], "key": "{x}", "password": "secret", "ssl": True}])
    assert (host.label, host.transport, host.key) == ("the cluster of a:1, b:2", "tls", "{x}")
    there = host.at(("c", 3))
    assert (there.label, there.transport) == ("c:3", "tls")
    assert there.options == {"host": "c", "port": 3, "password": "secret"}
    with pytest.raises(ValueError, match="names no server"):
        hosts_of([{"cluster": []}])


def test_none_is_the_server_on_this_machine() -> None:
    assert [host.label for host in hosts_of(None)] == ["localhost:6379"]


def test_sentinels() -> None:
    entry = {
        "sentinels": [("a", 1), ["b", 2]],
        "master_name": "chat",
        "sentinel_kwargs": {"password": "x"},
        "db": 1,
    }
    [host] = hosts_of([entry])
    assert (host.sentinels, host.master, host.options) == ((("a", 1), ("b", 2)), "chat", {"db": 1})
    assert host.sentinel_options == {"password": "x"}
    assert host.label == "chat of a:1, b:2"
    assert entry["master_name"] == "chat"


@pytest.mark.parametrize(
    "hosts",
    [
        *("redis://h", b"redis://h", {"host": "h"}, 5, [], [5], [None], ["http://h"], [("h", "x")], [("h",)]),
        *([{"sentinels": [("a", 1)]}], [{"sentinels": [], "master_name": "m"}], ["redis://h:port"]),
    ],
)
def test_what_names_no_server_is_refused(hosts: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        hosts_of(hosts)
