"""A fresh LAN for each scenario."""

from collections.abc import Callable, Iterator

import pytest

from tests.lan.agents import Agent
from tests.lan.hosts import Host, Lan


@pytest.fixture
def lan() -> Iterator[Lan]:
    with Lan() as lan:
        yield lan


@pytest.fixture
def start(nothing_left: None) -> Iterator[Callable[..., Agent]]:
    """Starts agents, and ends them all."""
    agents: list[Agent] = []

    def start(host: Host, *options: str, node: str = "") -> Agent:
        agent = Agent(host, *options, node=node)
        agents.append(agent)
        return agent

    yield start
    for agent in agents:
        agent.end()
