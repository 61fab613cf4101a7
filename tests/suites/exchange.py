"""A plugin of pytest that puts our classes in the places of those of channels, channels_redis and fast-channels.

Loaded by `-p exchange` into the process that runs the tests of others, where `tests` is their package and not ours. It
takes from the environment which package is to be exchanged, empty for none, and where outcomes are to be written.
"""

import contextlib
import importlib
import os
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PACKAGE = "LANCHAT_SUITE_PACKAGE"
OUTCOMES = "LANCHAT_SUITE_OUTCOMES"

_OURS = (
    "lanchat.consumers",
    "lanchat.consumers.access",
    "lanchat.consumers.routing",
    "lanchat.consumers.testing",
    "lanchat.layers",
    "lanchat.layers.redis",
)
THEIRS = ("channels", "channels_redis", "fast_channels")
"""The packages whose things are exchanged."""

_REGISTRY = {"channel_layers", "get_channel_layer"}
_KEPT = {"channels": _REGISTRY, "channels_redis": _REGISTRY}
"""What stays theirs: in a Django project the settings decide which layers there are."""


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Exchange before anything of the suite is imported."""
    if package := os.environ[PACKAGE]:
        exchange(package)


def pytest_sessionstart() -> None:
    """Exchange what could not be imported before the suite had its settings."""
    pytest_load_initial_conftests()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what failed, and that something passed."""
    if report.failed or (report.passed and report.when == "call"):
        with Path(os.environ[OUTCOMES]).open("a") as outcomes:
            outcomes.write(f"{report.outcome} {report.nodeid}\n")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note what cannot even be collected."""
    if report.failed:
        with Path(os.environ[OUTCOMES]).open("a") as outcomes:
            outcomes.write(f"{report.outcome} {report.nodeid}\n")


def exchange(package: str) -> list[str]:
    """Put ours in the place of each thing that has the name of one of ours, in every module of a package.

    Returns the names of what was exchanged.
    """
    ours = _ours()
    exchanged = set()
    for module in _modules(package):
        for name, thing in vars(module).copy().items():
            if name in ours and name not in _KEPT.get(package, ()) and any(_is_of(thing, each) for each in THEIRS):
                setattr(module, name, ours[name])
                exchanged.add(name)
    return sorted(exchanged)


def _ours() -> dict[str, Any]:
    """Return everything of ours that may take a place, by name."""
    found: dict[str, Any] = {}
    for path in _OURS:
        module = importlib.import_module(path)
        names = getattr(module, "__all__", None) or [
            name for name, thing in vars(module).items() if _is_of(thing, path)
        ]
        found |= {name: getattr(module, name) for name in names}
    return found


def _modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        with contextlib.suppress(Exception):  # it needs what this suite does not: a server, or a database
            yield importlib.import_module(found.name)


def _is_of(thing: object, package: str) -> bool:
    where = getattr(thing, "__module__", None) or type(thing).__module__
    return f"{where}.".startswith(f"{package}.")
