"""The page reads from right to left as well: its styles say where a line begins and ends, never left and right."""

import re
from pathlib import Path

import pytest

from tests.laws import sources

_SIDE = re.compile(
    r"(?:^|[\s;{])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)
_FOUR = re.compile(r"(?:margin|padding|inset|border-width|border-radius)\s*:\s*([^;{}]+);")


def sided(css: str) -> list[str]:
    """Say which declarations of a style name a side of the screen."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = [" ".join(match.group().split()) for match in _SIDE.finditer(css)]
    for match in _FOUR.finditer(css):
        values = re.findall(r"[\w-]*\([^()]*(?:\([^()]*\)[^()]*)*\)|[^\s()]+", match[1])
        if len(values) == 4 and values[1] != values[3]:
            found.append(match.group())
    return found


def styles(path: Path) -> str:
    """Return the styles of a file of the page."""
    text = (sources.ROOT / path).read_text("utf-8")
    return text if path.suffix == ".css" else "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))


def test_no_style_names_a_side() -> None:
    page = [path for path in sources.files() if path.parts[0] == "assets" and path.suffix in {".svelte", ".css"}]
    assert len(page) > 40
    sources.obeyed(f"{path}: {line}" for path in page for line in sided(styles(path)))


@pytest.mark.parametrize(
    "css",
    [
        "a { margin-left: 1px; }",
        "a { right: 50%; }",
        "a {left:0}",
        "a { text-align: right; }",
        "a { border-top-left-radius: 3px; }",
        "a { padding: 0 var(--s2) 0 var(--s4); }",
        "a { inset: 0 0 0 auto; }",
        "a { padding: 0 calc(1px + (2px * 2)) 0 1px; }",
    ],
)
def test_a_side_is_found(css: str) -> None:
    assert len(sided(css)) == 1


@pytest.mark.parametrize(
    "css",
    [
        "a { margin-inline-start: 1px; inset-inline-end: 0; text-align: end; }",
        "a { padding: 1px 2px 3px 2px; inset: 0; padding: 1px var(--s5); }",
        "/* left: of this */ a { outline-offset: 1px; }",
        "a { background: linear-gradient(to bottom, red, blue); }",
    ],
)
def test_what_begins_and_ends_is_let_be(css: str) -> None:
    assert sided(css) == []
