"""No view speaks for itself: every word that a person reads or hears stands in the catalogue of assets/src/text."""

import re

import pytest

from tests.laws import sources

_SPOKEN = {"aria-label", "aria-description", "aria-placeholder", "aria-roledescription", "aria-valuetext", "title"}
_SHOWN = {"placeholder", "alt", "label"}
_LETTER = re.compile(r"[^\W\d_]")
_KEYS = {"Enter", "Escape", "Tab", "Home", "End", "PageUp", "PageDown", "Backspace", "Delete", "Space"}
_HOLE = "\x00"


def words(view: str) -> list[str]:
    """Return every piece of text of a Svelte view that is not from the catalogue."""
    markup = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", "", view, flags=re.DOTALL)
    plain, expressions = _without_expressions(markup)
    found = []
    for tag in re.findall(r"<[a-zA-Z/][^>]*>", plain):
        for name, value in re.findall(r"([\w:-]+)=[\"']([^\"']*)[\"']", tag):
            if name in _SPOKEN | _SHOWN and _LETTER.search(value):
                found.append(f'{name}="{value.replace(_HOLE, "{…}")}"')
    texts = [text for text in re.split(r"<[a-zA-Z/][^>]*>", plain) if _LETTER.search(text)]
    found += [" ".join(text.replace(_HOLE, "{…}").split()) for text in texts]
    return found + [literal for expression in expressions for literal in _sentences(expression)]


def _without_expressions(markup: str) -> tuple[str, list[str]]:
    """Return the markup with a hole for each `{…}`, and what was in them. Braces nest; strings may hold more."""
    plain, expressions, depth, start, quote = [], [], 0, 0, ""
    for at, character in enumerate(markup):
        if depth and quote:
            quote = "" if character == quote and markup[at - 1] != "\\" else quote
        elif depth and character in "\"'`":
            quote = character
        elif character == "{":
            start = at if not depth else start
            depth += 1
        elif character == "}" and depth:
            depth -= 1
            if not depth:
                expressions.append(markup[start + 1 : at])
                plain.append("" if markup[start + 1] in "#:/@" else _HOLE)
        elif not depth:
            plain.append(character)
    return "".join(plain), expressions


def _sentences(expression: str) -> list[str]:
    """Return the literals of an expression that are written like words for a person: with a capital first."""
    literals = re.findall(r"\"([^\"]*)\"|'([^']*)'|`([^`]*)`", expression)
    texts = ["".join(groups) for groups in literals]
    return [text for text in texts if re.match(r"[A-Z][a-z]", text) and text not in _KEYS and "Arrow" not in text]


def test_no_view_speaks_for_itself() -> None:
    views = [path for path in sources.files() if path.suffix == ".svelte"]
    assert views
    sources.obeyed(f"{path}: {text}" for path in views for text in words((sources.ROOT / path).read_text("utf-8")))


@pytest.mark.parametrize(
    ("view", "found"),
    [
        ("<button>Send</button>", ["Send"]),
        ("<p>{count} unread</p>", ["{…} unread"]),
        ('<button aria-label="Close" onclick={() => x > 1}></button>', ['aria-label="Close"']),
        ('<input placeholder="Say something" />', ['placeholder="Say something"']),
        ('<p title="{count} people">{count}</p>', ['title="{…} people"']),
        ('<p>{open ? "Close" : "Open it"}</p>', ["Close", "Open it"]),
        ("{#if open}Über{/if}", ["Über"]),
    ],
)
def test_a_view_that_speaks_is_found(view: str, found: list[str]) -> None:
    assert words(view) == found


@pytest.mark.parametrize(
    "view",
    [
        '<script lang="ts">\n  const words = "Hello you";\n</script>\n<p>{say("send")}</p>',
        '<style>\n  p::after { content: "Hello"; }\n</style>',
        "<!-- Why so -->\n<p>{text.send} · {number} 👋</p>",
        '<ul class="rooms list" role="log">{#each rooms as room (room.id)}<li>{room.name}</li>{/each}</ul>',
        '<input onkeydown={(event) => event.key === "Enter" && !event.shiftKey && send({ text: "}" })} type="text" />',
        '<p aria-label={say("close")} title="{room.name}">{@render children()}</p>',
    ],
)
def test_a_view_that_does_not_is_let_be(view: str) -> None:
    assert words(view) == []
