"""What the tests of links share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.lan.link import dialler
from lanchat.web.server import Server
from tests.support.clients import serving
from tests.support.lan.links import config


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links try again at once."""
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(dialler, "LONGEST_PAUSE", 0.1)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(config(tmp_path, "home")) as server:
        yield server


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(config(tmp_path, "far")) as server:
        yield server
