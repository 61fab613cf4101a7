"""Hatch's hook: the page is built before its files are collected. How is written in assets/build_page.py."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[Any]):
    """Builds the page for wheels, sdists and editable installs."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only when the page must be built and the machine has none."""
        build_page = _load(Path(self.root))
        if build_page.Page(Path(self.root)).fresh:
            return []
        try:
            build_page.find_node(npm=True)
        except build_page.PageError:
            return [build_page.NODE_PACKAGE]
        return []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page when it is missing or stale."""
        del version, build_data
        if self.target_name in {"wheel", "sdist"}:
            root = Path(self.root)
            _load(root).Page(root).build()


def _load(root: Path) -> ModuleType:
    """Return assets/build_page.py as a module: no package of this project is on the path while it is built."""
    spec = importlib.util.spec_from_file_location("build_page", root / "assets" / "build_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
