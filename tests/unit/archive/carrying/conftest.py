"""Two nodes: a has a room in which something was said, b knows nothing of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.archive.stick import TEXTS
from tests.support.rooms.company import Company, company


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Company]:
    """The node a with a room in which something was said, and the node b, which knows nothing of it."""
    async with company(tmp_path, "a") as nodes:
        for text in TEXTS:
            await nodes.say("a", text)
        await nodes.start("b")
        yield nodes
