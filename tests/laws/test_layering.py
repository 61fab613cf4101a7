"""A module imports only from those before it in this order, and each outside thing is known in one place."""

import ast
from pathlib import Path

import pytest

from tests.laws import sources

ORDER = (
    {"fault", "errors", "limits", "config", "runtime", "log", "interpreter", "chores"},
    {"layers"},
    {"consumers"},
    {"protocol"},
    {"metrics"},
    {"journal"},
    {"identity"},
    {"notify"},
    {"rooms"},
    {"archive"},
    {"sessions"},
    {"lan"},
    {"node"},
    {"showcase"},
    {"web"},
    {"client"},
    {"desktop", "commands", "selftest"},
    {"cli"},
    {"__main__"},
)
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}

OWNERS = {
    "zeroconf": ("lanchat.lan.discovery",),
    "psutil": ("lanchat.lan.addresses", "lanchat.identity.machine"),
    "ifaddr": ("lanchat.lan.addresses",),
    "precis_i18n": ("lanchat.identity.names",),
    "aiohttp.web": ("lanchat.web", "lanchat.consumers.aiohttp"),
    "apsw": ("lanchat.journal",),
    "redis": ("lanchat.layers.redis",),
    "webview": ("lanchat.desktop",),
    "PySide6": ("lanchat.desktop",),
    "click": (
        "lanchat.cli",
        "lanchat.commands",
        "lanchat.selftest",
        "lanchat.desktop.program",
    ),
}
ENTRANCE = ("lanchat", "lanchat.client")
"""What `from lanchat import …` gives to scripts; the root package knows nothing else."""
NOBODY_IMPORTS = {"lanchat.cli": ("lanchat.__main__",)}


def rank(name: str) -> int | None:
    """Return the place in the order of a module of lanchat; None for the root package, which imports nothing."""
    parts = name.split(".")
    return RANK.get(parts[1]) if len(parts) > 1 else None


def upward(name: str, module: ast.Module, *, package: bool = False) -> list[str]:
    """Say which imports go up, or sideways, or in no direction that this law knows."""
    mine, wrong = rank(name), []
    for line, target in sources.imported(module, name, package=package):
        if not target.startswith("lanchat.") or (name == ENTRANCE[0] and sources.within(target, ENTRANCE[1])):
            continue
        theirs = rank(target)
        if theirs is None and target != "lanchat.__version__":
            wrong.append(f"{name}:{line} imports {target}, which has no place in the order")
        elif theirs is not None and (mine is None or theirs > mine):
            wrong.append(f"{name}:{line} imports {target} from above")
    return wrong


def trespasses(name: str, module: ast.Module, *, package: bool = False) -> list[str]:
    """Say which imports are of things that another place owns."""
    wrong = []
    for line, target in sources.imported(module, name, package=package):
        for thing, owners in OWNERS.items():
            if sources.within(target, thing) and not any(sources.within(name, owner) for owner in owners):
                wrong.append(f"{name}:{line} knows {thing}; only {', '.join(owners)} may")
        for closed, allowed in NOBODY_IMPORTS.items():
            if sources.within(target, closed) and name not in allowed and not sources.within(name, closed):
                wrong.append(f"{name}:{line} imports {closed}")
    return wrong


def test_every_module_has_a_place_in_the_order() -> None:
    assert [name for name in sources.modules() if name != "lanchat" and rank(name) is None] == []


def test_every_name_in_the_order_and_every_owner_is_there() -> None:
    known = sources.modules()
    owners = {owner for places in OWNERS.values() for owner in places}
    assert {f"lanchat.{name}" for name in RANK} | owners | {ENTRANCE[1]} <= set(known)
    used = [
        (name, target)
        for name, tree, package in sources.every()
        for _, target in sources.imported(tree, name, package=package)
    ]
    for thing, places in OWNERS.items():
        users = {name for name, target in used if sources.within(target, thing)}
        assert [place for place in places if not any(sources.within(user, place) for user in users)] == [], thing


def test_imports_go_down_only() -> None:
    sources.obeyed(line for name, module, package in sources.every() for line in upward(name, module, package=package))


def test_each_outside_thing_is_known_in_one_place() -> None:
    sources.obeyed(
        line for name, module, package in sources.every() for line in trespasses(name, module, package=package)
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("lanchat.errors", "from lanchat.config import Config\nimport lanchat.layers"),
        ("lanchat.layers.memory", "from lanchat.protocol import codec"),
        ("lanchat.layers.memory", "def lazy():\n    from lanchat.protocol import Post"),
        (
            "lanchat.layers.memory",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lanchat.rooms.registry",
        ),
        ("lanchat.layers.memory", "from ..rooms import registry"),
        ("lanchat.layers.memory", "import importlib\nimportlib.import_module('lanchat.rooms.registry')"),
        ("lanchat.lan.link.link", "from lanchat.node import Node"),
        ("lanchat.node", "from lanchat.web.server import serve"),
        ("lanchat.web.server", "from lanchat.desktop import window"),
        ("lanchat", "from lanchat.node import Node"),
        ("lanchat.web.server", "from lanchat import tools"),
    ],
)
def test_an_import_from_above_is_found(name: str, code: str) -> None:
    assert len(upward(name, ast.parse(code))) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("lanchat.rooms.registry", "import zeroconf"),
        ("lanchat.rooms.registry", "from zeroconf.asyncio import AsyncZeroconf"),
        ("lanchat.consumers.base", "from aiohttp import web"),
        ("lanchat.lan.connection.connection", "import aiohttp\napp = aiohttp.web.Application()"),
        ("lanchat.lan.connection.connection", "from aiohttp.web import Application"),
        ("lanchat.rooms.registry", "import apsw.aio"),
        ("lanchat.desktop.window", "from lanchat.cli import main"),
    ],
)
def test_a_trespass_is_found(name: str, code: str) -> None:
    assert len(trespasses(name, ast.parse(code))) == 1


def test_what_is_allowed_is_let_be() -> None:
    assert upward("lanchat", ast.parse("from lanchat.client import scripting")) == []
    code = "import aiohttp\nfrom aiohttp import ClientSession\nfrom lanchat import __version__\nfrom .. import errors"
    assert (
        upward("lanchat.lan.connection.connection", ast.parse(code))
        == trespasses("lanchat.lan.connection.connection", ast.parse(code))
        == []
    )
    assert trespasses("lanchat.consumers.aiohttp.adapter", ast.parse("from aiohttp import web")) == []
    assert trespasses("lanchat.__main__", ast.parse("from lanchat.cli import main")) == []


def test_relative_imports_of_a_package_count_from_the_package() -> None:
    found = list(
        sources.imported(ast.parse("from .. import errors\nfrom .memory import x"), "lanchat.layers", package=True)
    )
    assert found == [(1, "lanchat.errors"), (2, "lanchat.layers.memory.x")]


def test_modules_are_named_by_their_path() -> None:
    assert sources.dotted(Path("lanchat/rooms/__init__.py")) == "lanchat.rooms"
    assert sources.dotted(Path("lanchat/rooms/registry.py")) == "lanchat.rooms.registry"
