import json
import os
import stat
from pathlib import Path

import pytest

from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.unicast.memory import MOST_NETWORKS, MOST_NODES, NodeMemory

HOME, WORK = "192.168.1.1 02:00:00:00:00:01 192.168.1.0/24", "192.168.1.1 02:00:00:00:00:02 192.168.1.0/24"


def node(number: int) -> str:
    return f"{number:032x}"


def place(number: int) -> NodeAddress:
    return NodeAddress(f"192.168.1.{number % 250 + 1}", 28_280)


def loaded(path: Path) -> NodeMemory:
    memory = NodeMemory(path)
    memory.load()
    return memory


def test_what_answered_in_a_network_is_there_after_a_start_and_in_no_other(tmp_path: Path) -> None:
    path = tmp_path / "node.neighbours"
    memory = loaded(path)
    assert memory.note([HOME], {node(1): place(1), node(2): NodeAddress("2001:db8::2", 28_290)})
    assert not memory.note([HOME], {node(1): place(1)}), "who does not answer just now is not forgotten"
    memory.save()
    again = loaded(path)
    assert sorted(again.nodes([HOME])) == [(node(1), place(1)), (node(2), NodeAddress("2001:db8::2", 28_290))]
    assert again.nodes([WORK]) == [], "the same prefix behind another router is another network"
    assert again.note([HOME], {node(1): place(7)})
    assert (node(1), place(7)) in again.nodes([HOME])
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_there_are_so_many_networks_and_nodes(tmp_path: Path) -> None:
    memory = loaded(tmp_path / "x")
    for number in range(100):
        memory.note([f"- - 10.0.{number}.0/24"], {node(number): place(number)})
    assert len(memory._networks) == MOST_NETWORKS
    assert memory.nodes(["- - 10.0.99.0/24"])
    memory.note([HOME], {node(number): place(number) for number in range(10_000)})
    assert len(memory.nodes([HOME])) == MOST_NODES
    assert (node(9_999), place(9_999)) in memory.nodes([HOME])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"x": 1}',
        b'{"x": {"at": "y", "nodes": {}}}',
        b"[" * 100_000,
        json.dumps(
            {HOME: {"at": 1.0, "nodes": {"not an id": "192.168.1.2:1", node(1): "fe80::1%eth0", node(2): "::"}}}
        ).encode(),
        json.dumps({"n" * 1_000: {"at": 1.0, "nodes": {node(1): "192.168.1.2:28280"}}}).encode(),
    ],
)
def test_a_file_that_says_nothing_of_use_is_none(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "node.neighbours"
    path.write_bytes(text)
    memory = loaded(path)
    assert [known for known in memory.nodes([HOME, "x", "n" * 1_000]) if known[0] != node(2)] == []


def test_ten_thousand_addresses_in_a_file_are_few(tmp_path: Path) -> None:
    path = tmp_path / "node.neighbours"
    many = {node(number): str(place(number)) for number in range(3_000)}
    path.write_text(
        json.dumps(
            {f"n{number}": {"at": float(number), "nodes": {}} for number in range(100)}
            | {HOME: {"at": 1e9, "nodes": many}}
        )
    )
    memory = loaded(path)
    assert len(memory.nodes([HOME])) == MOST_NODES
    assert len(memory._networks) == MOST_NETWORKS
    path.write_text(
        json.dumps({HOME: {"at": 1e9, "nodes": {node(number): str(place(number)) for number in range(100_000)}}})
    )
    assert loaded(path).nodes([HOME]) == [], "nobody reads megabytes for that"


def test_nothing_is_kept_where_nothing_can_be(tmp_path: Path) -> None:
    nowhere = NodeMemory(None)
    nowhere.load()
    nowhere.note([HOME], {node(1): place(1)})
    nowhere.save()
    missing = loaded(tmp_path / "no such folder" / "x")
    missing.note([HOME], {node(1): place(1)})
    missing.save()
    assert missing.nodes([HOME])
