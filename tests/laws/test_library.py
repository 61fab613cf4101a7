"""`lanchat.layers` and `lanchat.consumers` can be lifted out: they know nothing of the product, and load little."""

import ast
import subprocess
import sys
from collections.abc import Iterable

import pytest

from tests.laws import sources

KNOWS = {
    "lanchat.layers": ("lanchat.layers", "lanchat.fault"),
    "lanchat.consumers": ("lanchat.consumers", "lanchat.layers", "lanchat.fault"),
}
PLUGINS = ("lanchat.layers.redis", "lanchat.consumers.aiohttp")
"""What is loaded by those who use it."""
UNUSED = {"sqlite3", "urllib.parse", "uuid"}
"""What of Python's own takes long to load, and is not used by most programs. Nothing at all is loaded of others."""


def product(name: str, module: ast.Module, *, package: bool = False) -> list[str]:
    """Say which imports of a module of the library are of the product."""
    allowed = [owner for library, owners in KNOWS.items() if sources.within(name, library) for owner in owners]
    imports = [each for each in sources.imported(module, name, package=package) if each[1].startswith("lanchat.")]
    outside = [each for each in imports if not any(sources.within(each[1], owner) for owner in allowed)]
    return [f"{name}:{line} imports {target}" for line, target in outside]


def foreign(library: str, loaded: Iterable[str]) -> list[str]:
    """Return those of the loaded modules that neither Python nor the library brings, and what of Python's is unused."""
    allowed, wrong = KNOWS[library], []
    for name in loaded:
        head = name.partition(".")[0]
        if head == "lanchat":
            ours = any(sources.within(name, owner) for owner in allowed)
            if name != "lanchat" and (not ours or any(sources.within(name, plugin) for plugin in PLUGINS)):
                wrong.append(name)
        elif name in UNUSED or head not in sys.stdlib_module_names:
            wrong.append(name)
    return wrong


def loads(library: str) -> list[str]:
    """Return the modules that a fresh interpreter loads with the library."""
    code = f"import sys; before = set(sys.modules); import {library}; print(*set(sys.modules) - before, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], cwd=sources.ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_library_imports_nothing_of_the_product() -> None:
    library = [each for each in sources.every() if any(sources.within(each[0], name) for name in KNOWS)]
    sources.obeyed(line for name, module, package in library for line in product(name, module, package=package))


@pytest.mark.parametrize("library", KNOWS)
def test_the_library_loads_neither_the_product_nor_what_only_the_product_needs(library: str) -> None:
    loaded = loads(library)
    assert library in loaded
    sources.obeyed(foreign(library, loaded))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("lanchat.layers.memory", "from lanchat.consumers import Scope"),
        ("lanchat.layers.memory", "from lanchat.errors import NoSuchRoom"),
        ("lanchat.layers.memory", "def lazy():\n    from lanchat.log import setup"),
        ("lanchat.consumers.base", "from lanchat.protocol import Post"),
        ("lanchat.consumers.base", "from lanchat import __version__"),
    ],
)
def test_an_import_of_the_product_is_found(name: str, code: str) -> None:
    assert len(product(name, ast.parse(code))) == 1
    assert product(name, ast.parse("import asyncio\nfrom lanchat.layers.message import Message")) == []


def test_what_else_is_loaded_is_found() -> None:
    needed = ["asyncio.events", "urllib", "lanchat", "lanchat.fault", "lanchat.layers.memory"]
    assert foreign("lanchat.layers", needed) == []
    more = [
        "sqlite3",
        "uuid",
        "apsw",
        "msgspec._core",
        "aiohttp.web",
        "lanchat.consumers",
        "lanchat.layers.redis",
        "lanchat.layersx",
    ]
    assert foreign("lanchat.layers", [*needed, *more]) == more
