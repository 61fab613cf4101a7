"""A fresh LAN for each scenario."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.lan.agents import Agent, Program, Stranger
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node, Window


@pytest.fixture
def lan() -> Iterator[Lan]:
    with Lan() as lan:
        yield lan


@pytest.fixture
def programs(nothing_left: None) -> Iterator[list[Program]]:
    """What a scenario has started; ends with it."""
    programs: list[Program] = []
    yield programs
    for program in programs:
        program.end()


@pytest.fixture
def start(programs: list[Program]) -> Callable[..., Agent]:
    """Starts agents."""

    def start(host: Host, *options: str, node: str = "") -> Agent:
        agent = Agent(host, *options, node=node)
        programs.append(agent)
        return agent

    return start


@pytest.fixture
def meet(programs: list[Program]) -> Callable[..., Stranger]:
    """Starts strangers."""

    def meet(host: Host) -> Stranger:
        stranger = Stranger(host)
        host.run("ip", "route", "add", "224.0.0.0/4", "dev", "eth0")
        programs.append(stranger)
        return stranger

    return meet


@pytest.fixture
def nodes(nothing_left: None) -> Iterator[list[Node]]:
    """Whole nodes that a scenario has started; they end with it."""
    nodes: list[Node] = []
    yield nodes
    for node in nodes:
        node.end()


@pytest.fixture
def serve(nodes: list[Node], tmp_path: Path) -> Callable[..., Node]:
    """Starts nodes, each with a data directory called as its host."""

    def serve(host: Host, *options: str) -> Node:
        node = Node(host, tmp_path / host.name, "--nick", host.name, *options)
        nodes.append(node)
        return node

    return serve


@pytest.fixture
def look(programs: list[Program]) -> Callable[[Node], Window]:
    """Opens windows."""

    def look(node: Node) -> Window:
        window = Window(node)
        programs.append(window)
        return window

    return look
