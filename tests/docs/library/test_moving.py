"""docs/library/moving.md: what it says to import is there."""

import importlib
import re

import pytest

from tests.docs.library.pages import page

HERE = [row.split("|")[2] for row in page("moving").read_text("utf-8").splitlines() if row.startswith("| `")]
PATHS = sorted({path for cell in HERE for path in re.findall(r"`(lanchat[\w.]+)`", cell)})


@pytest.mark.parametrize("path", PATHS)
def test_what_the_page_names_is_there(path: str) -> None:
    module, _, name = path.rpartition(".")
    if name[0].isupper():
        assert getattr(importlib.import_module(module), name)
    else:
        assert importlib.import_module(path).__name__ == path


def test_the_page_names_something() -> None:
    assert len(PATHS) >= 6


@pytest.mark.parametrize("page_name", sorted(set(re.findall(r"\]\((\w+)\.md\)", page("moving").read_text("utf-8")))))
def test_other_pages_are_there(page_name: str) -> None:
    assert page(page_name).exists()
