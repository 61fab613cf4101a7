"""The pages of docs/library/, and the files that they print."""

from pathlib import Path

from tests.docs.tutorial import PAGE

LIBRARY = PAGE.parent / "library"


def page(name: str) -> Path:
    """Return the page of this name."""
    return LIBRARY / f"{name}.md"
