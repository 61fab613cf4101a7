"""The files of the page that a test is for: tests/docs/library/test_access.py runs those of docs/library/access.md."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lanchat.layers import channel_layers, unregister_channel_layer
from tests.docs.library.pages import page
from tests.docs.tutorial import Tutorial


@pytest.fixture
def book(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Tutorial]:
    with Tutorial(tmp_path, page(request.path.stem.removeprefix("test_"))) as files:
        yield files
    for alias in tuple(channel_layers):
        unregister_channel_layer(alias)
