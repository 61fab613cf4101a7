"""Each file that a document, a docstring or a comment names is there."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.laws import sources

_PATH = re.compile(r"(?<![\w./-])(?:lanchat|tests|assets|docs)/[\w/.-]+\.(?:py|ts|svelte|md|json)\b")
_RELATIVE = re.compile(r"`((?:[a-z_]+/)+[\w.]+\.py)`")
"""In docs/design.md and its like: a path as it is in lanchat."""
_EXAMPLES = {"lanchat/a/b.py", "tests/unit/a/test_b.py"}


def lost(text: str) -> Iterator[str]:
    """Return each path in a text that leads nowhere."""
    for path in {*_PATH.findall(text), *_RELATIVE.findall(text)} - _EXAMPLES:
        if not (sources.ROOT / path).exists() and not (sources.ROOT / "lanchat" / path).exists():
            yield path


def test_every_path_leads_to_a_file() -> None:
    here = Path("tests/laws")  # the bad examples of the laws
    given = [path for path in sources.files() if here not in path.parents and path.suffix not in {".png", ".lock"}]
    texts = {path: (sources.ROOT / path).read_text("utf-8", errors="replace") for path in given}
    sources.obeyed(f"{path} names {each}" for path, text in texts.items() for each in sorted(lost(text)))


def test_a_path_that_leads_nowhere_is_found() -> None:
    text = "lanchat/gone.py, lanchat/fault.py, lanchat/web/ui/index.html, `layers/gone.py`, `layers/base.py`"
    assert sorted(lost(text)) == ["lanchat/gone.py", "layers/gone.py"]
