"""Every block of code of docs/library/ is a file that a test of its page runs."""

from pathlib import Path

import pytest

from tests.docs.library.pages import LIBRARY
from tests.docs.tutorial import blocks, files

PAGES = sorted(LIBRARY.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_code_is_run(page: Path) -> None:
    text = page.read_text("utf-8")
    printed = files(text)
    assert len(blocks(text, "python")) == len(printed)
    if printed:
        tests = (LIBRARY.parents[1] / "tests" / "docs" / "library" / f"test_{page.stem}.py").read_text("utf-8")
        assert [name for name in printed if f'"{name.removesuffix(".py")}"' not in tests] == []
