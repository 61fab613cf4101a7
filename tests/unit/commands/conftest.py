"""A node that the tests of the commands share, and a room of each test."""

import secrets
from collections.abc import Iterator

import pytest

from tests.support.here import Here
from tests.support.terminal import ANY_PORTS, served


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    data_dir = tmp_path_factory.mktemp("here") / "data"
    with served(data_dir, *ANY_PORTS, "--name", "desk", "--nick", "Ada") as (node, ready):
        yield Here(data_dir, node, ready)


@pytest.fixture
def room(request: pytest.FixtureRequest) -> str:
    """A name that no other test and no other node on this machine uses."""
    return f"{request.node.name[5:25]} {secrets.token_hex(4)}"
