"""The trees in the docstrings of `lanchat.errors` and `lanchat.layers.errors` are the trees of their classes."""

import re
from types import ModuleType

import pytest

from lanchat import errors
from lanchat.consumers import errors as errors_of_consumers
from lanchat.errors import LanchatError
from lanchat.layers import LibraryError
from lanchat.layers import errors as errors_of_layers

Tree = dict[str, type[LanchatError]]

_LINE = re.compile(r"^(?P<indent>(?:│   |    )*)(?:[├└]── )?(?P<name>[A-Z]\w*) *(?P<rest>.*)$")


def drawn(docstring: str) -> dict[str, tuple[str, str, bool]]:
    """Read a drawn tree: name → (parent, code, retry). A branch has no code; what is said of it is prose."""
    found: dict[str, tuple[str, str, bool]] = {}
    above: list[str] = []
    names = docstring.partition("```")[2].partition("```")[0].strip("\n").splitlines()
    for line in names:
        match = _LINE.match(line)
        if match is None:
            found[line] = ("unreadable", "", False)
            continue
        depth = 0 if not above else len(match["indent"]) // 4 + 1
        above[depth:] = [match["name"]]
        parent = above[depth - 1] if depth else ""
        code = re.match(r"([a-z0-9_]+)(?: \(retry\))?$", match["rest"])
        found[match["name"]] = (parent, code[1] if code else "", match["rest"].endswith("(retry)"))
    return found


def classes(*modules: ModuleType) -> Tree:
    """Every error class of modules by its name."""
    kinds = {name: kind for module in modules for name, kind in vars(module).items() if isinstance(kind, type)}
    return {name: kind for name, kind in kinds.items() if issubclass(kind, LanchatError)}


CHAT = classes(errors)
LIBRARY = {
    name: kind for name, kind in classes(errors_of_layers, errors_of_consumers).items() if kind is not LanchatError
}


def test_all_of_the_library_hang_on_one_base_and_none_of_the_chat_do() -> None:
    assert [name for name, kind in LIBRARY.items() if not issubclass(kind, LibraryError)] == []
    assert [name for name, kind in CHAT.items() if issubclass(kind, LibraryError)] == []


def is_sentence(text: str) -> bool:
    """Whether this can be shown to a person: one line, a capital at the start, a full stop at the end."""
    return bool(re.fullmatch(r"[A-Z].{6,}\.", text))


@pytest.mark.parametrize(("tree", "docstring"), [(CHAT, errors.__doc__), (LIBRARY, errors_of_layers.__doc__)])
def test_the_drawing_is_the_tree(tree: Tree, docstring: str) -> None:
    branches = {base.__name__ for kind in tree.values() for base in kind.__mro__[1:]}
    real = {}
    for name, kind in tree.items():
        parent = next((base.__name__ for base in kind.__bases__ if base in tree.values()), "")
        real[name] = (parent, "" if name in branches else kind.code, kind.retry and name not in branches)
    assert drawn(docstring) == real


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in (*CHAT.values(), *LIBRARY.values())]
    assert sorted(codes) == sorted(set(codes))
    assert [code for code in codes if not re.fullmatch(r"[a-z][a-z0-9_]*", code)] == []


def test_every_first_line_is_a_sentence_for_a_person() -> None:
    first_lines = {name: (kind.__doc__ or "").partition("\n")[0] for name, kind in (CHAT | LIBRARY).items()}
    assert {name: line for name, line in first_lines.items() if not is_sentence(line)} == {}


def test_a_wrong_drawing_is_read_as_drawn() -> None:
    drawing = "```\nTop\n├── A            prose about a\n│   └── B        b_code (retry)\n└── C            c_code\n```"
    assert drawn(drawing) == {
        "Top": ("", "", False),
        "A": ("Top", "", False),
        "B": ("A", "b_code", True),
        "C": ("Top", "c_code", False),
    }
    assert drawn("```\nTop\n?? what\n```")["?? what"][0] == "unreadable"


def test_what_is_no_sentence_is_found() -> None:
    assert is_sentence("There is no such room.")
    for text in ("", "there is no such room.", "There is no such room", "No."):
        assert not is_sentence(text)
