"""Other packages are used only through what their `__init__` exports.

A module imports directly from the modules beside it and in the folders above it, up to its package below `lanchat`;
everything else it has from the `__init__` of a package or a subpackage, which lists the name in `__all__`. It imports
nothing from the `__init__` of a package that it lies in.
"""

import ast
from collections.abc import Mapping

import pytest

from tests.laws import sources

VERSION = "lanchat.__version__"
"""The one name that everybody may have from the package that all lie in."""


def exported() -> dict[str, set[str] | None]:
    """Return what each package exports; None for a module that is no package."""
    return {name: set(sources.exports(tree) or ()) if package else None for name, tree, package in sources.every()}


def intrusions(name: str, module: ast.Module, exports: Mapping[str, set[str] | None]) -> list[str]:
    """Say which imports of a module of lanchat take something that its owner does not give away."""
    package = exports.get(name) is not None
    folder, wrong = name if package else _parent(name), []
    for line, target in sources.imported(module, name, package=package):
        owner = sources.module_of(target, exports)
        if not owner or target == VERSION or _is_near(owner, folder, exports):
            continue
        if exports[owner] is None and target == owner:  # a module of another package, which exports it as a whole
            owner = _parent(owner)
        given, wanted = exports[owner], target.removeprefix(owner).strip(".")
        if given is None:
            wrong.append(f"{name}:{line} imports from {owner}; only what {_parent(owner)} exports may be used there")
        elif sources.within(folder, owner):
            wrong.append(f"{name}:{line} imports {wanted} from {owner}, the package that it lies in")
        elif wanted and wanted.partition(".")[0] not in given:
            wrong.append(f"{name}:{line} imports {wanted}, which {owner} does not export")
    return wrong


def _is_near(owner: str, folder: str, exports: Mapping[str, set[str] | None]) -> bool:
    """Return whether `owner` is a module in the folder, or in one above it."""
    return exports[owner] is None and sources.within(folder, _parent(owner))


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def test_packages_are_used_through_what_they_export() -> None:
    known = exported()
    sources.obeyed(line for name, module, _ in sources.every() for line in intrusions(name, module, known))


EXPORTS = {
    "lanchat": {"send"},
    "lanchat.errors": None,
    "lanchat.journal": {"Journal"},
    "lanchat.journal.schema": None,
    "lanchat.journal.words": {"index"},
    "lanchat.journal.words.index": None,
    "lanchat.journal.words.tokens": None,
    "lanchat.rooms": {"Room"},
    "lanchat.rooms.room": None,
    "lanchat.rooms.presence": None,
}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("lanchat.rooms.room", "from lanchat.journal.schema import TABLES"),
        ("lanchat.rooms.room", "from lanchat.journal import schema"),
        ("lanchat.rooms.room", "import lanchat.journal.schema"),
        ("lanchat.rooms.room", "from lanchat.journal import Secret"),
        ("lanchat.rooms.room", "def lazy():\n    from lanchat.journal.words.index import add"),
        ("lanchat.rooms.room", "from lanchat.rooms import Room"),
        ("lanchat.rooms.room", "from lanchat import send"),
        ("lanchat.journal.schema", "from lanchat.journal.words.tokens import cut"),
        ("lanchat.journal.words.index", "from lanchat.journal import Journal"),
        ("lanchat.journal", "from lanchat.journal.words import tokens"),
    ],
)
def test_an_intrusion_is_found(name: str, code: str) -> None:
    assert len(intrusions(name, ast.parse(code), EXPORTS)) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("lanchat.rooms.room", "from lanchat.journal import Journal\nfrom lanchat.journal.words import index"),
        ("lanchat.rooms.room", "from lanchat.rooms.presence import Presence\nfrom lanchat.rooms import presence"),
        (
            "lanchat.rooms.room",
            "from lanchat import __version__\nfrom lanchat.errors import LanchatError",
        ),
        ("lanchat.rooms", "from lanchat.rooms.room import Room"),
        ("lanchat.journal.schema", "from lanchat.journal.words import index"),
        ("lanchat.journal.words.index", "from lanchat.journal.schema import TABLES\nfrom lanchat.rooms import Room"),
    ],
)
def test_what_is_given_away_may_be_taken(name: str, code: str) -> None:
    assert intrusions(name, ast.parse(code), EXPORTS) == []
