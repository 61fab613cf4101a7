"""A view shows what is so and says what was done; it asks nothing of the network, the clock or the disk."""

import re
from collections.abc import Mapping

import pytest

from tests.laws import page, sources

_REACHES_OUT = re.compile(
    r"\b(?:fetch|setTimeout|setInterval|requestAnimationFrame|requestIdleCallback|WebSocket|EventSource|XMLHttpRequest"
    r"|localStorage|sessionStorage|indexedDB|document\.cookie|Date\.now)\b"
)


def busy(texts: Mapping[str, str]) -> list[str]:
    """Say which views do themselves what a module under test should do."""
    return [
        f"{path}:{number}: {found.group()}"
        for path, text in texts.items()
        if path.endswith(".svelte")
        for number, line in enumerate(text.splitlines(), 1)
        if (found := _REACHES_OUT.search(line))
    ]


def test_views_only_show() -> None:
    sources.obeyed(busy(page.modules()))


@pytest.mark.parametrize(
    "line",
    [
        'await fetch("./jobs")',
        "setTimeout(close, 100)",
        "new WebSocket(url)",
        'localStorage.getItem("x")',
        "Date.now()",
    ],
)
def test_a_busy_view_is_found(line: str) -> None:
    text = f"<script>\n  {line};\n</script>"
    assert len(busy({"views/message/Message.svelte": text})) == 1
    assert busy({"room/room.svelte.ts": text}) == []


def test_a_view_that_shows_is_let_be() -> None:
    assert busy({"views/a.svelte": "<script>\n  const fetching = $derived(room.fetching);\n</script>"}) == []
