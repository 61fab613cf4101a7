"""What strangers may say, for Hypothesis: commands that are right, those that are nearly right, and anything at all."""

import json
from typing import Any

import msgspec
from hypothesis import strategies as st

from lanchat.protocol import Command, Hello
from tests.support.clients import ELSEWHERE
from tests.support.commands import one_of_each
from tests.support.identity import MAX

ROOMS = ("general", "tea", "Küche")
"""Names of the rooms that strangers open."""
PERSON, NODE = MAX, ELSEWHERE
"""For whom a link speaks, and from where, so that what it says is taken."""
_ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\u202e",
    "🍲" * 40,
    "x" * 5_000,
    "@" * 300,
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    '"* NEAR(',
    "%s%n",
    "\ud7ff\uffff",
)
_ODD_NUMBERS = (-1, 0, 1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30)

texts = st.text(max_size=20) | st.sampled_from(_ODD_TEXTS)
numbers = st.integers(-(2**70), 2**70) | st.sampled_from(_ODD_NUMBERS)
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
"""Whatever JSON can hold."""


def _tree(command: Command) -> dict[str, Any]:
    tree: dict[str, Any] = msgspec.to_builtins(command)
    return tree


COMMANDS = [_tree(command) for command in one_of_each("{room}", PERSON, NODE) if not isinstance(command, Hello)]


@st.composite
def commands(draw: st.DrawFn) -> dict[str, Any]:
    """A command as it should be, but for small numbers and texts that are drawn; `{room}` stands for a room's id."""
    tree = dict(draw(st.sampled_from(COMMANDS)))
    for field in sorted(set(tree) & {"text", "nonce", "target", "name", "nick", "emoji"}):
        tree[field] = draw(st.sampled_from([tree[field], "n1", "n2", "hello", *ROOMS]))
    if tree["type"] == "post":
        tree["kind"] = draw(st.sampled_from(["message", "edit", "reaction", "deletion"]))
        tree["target"] = draw(st.sampled_from(["", "n1", "n2", "one of each"]))
        tree["emoji"] = draw(st.sampled_from(["", "👍", "🍲"]))
    for field in sorted(set(tree) & {"since", "limit", "before", "after", "seq", "kept"}):
        tree[field] = draw(st.integers(0, 30))
    return tree


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    """A command with one to three of its fields replaced, added or left out."""
    tree = dict(draw(commands()))
    for _ in range(draw(st.integers(1, 3))):
        field = draw(st.sampled_from([*sorted(tree), "ref", "author", "node", "last", "extra", "__proto__"]))
        if draw(st.booleans()):
            tree[field] = draw(anything)
        else:
            tree.pop(field, None)
    return tree


def written(tree: object) -> st.SearchStrategy[str]:
    """The JSON of a tree, as strict programs and as Python write it (NaN, halves of surrogate pairs)."""
    return st.booleans().map(lambda ascii_only: json.dumps(tree, ensure_ascii=ascii_only))


frames: st.SearchStrategy[str | bytes] = st.one_of(
    commands().flatmap(written),
    mutants().flatmap(written),
    anything.flatmap(written),
    st.text(max_size=200),
    st.binary(max_size=200),
)
"""What is sent as one WebSocket message: text or bytes."""
