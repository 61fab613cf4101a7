"""What the laws of the page read: its modules, and what they import."""

import posixpath
import re
from collections.abc import Mapping

from tests.laws import sources

ROOT = "assets/src/"
_IMPORT = re.compile(r"""(?:^|[\s;}])(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


def modules() -> dict[str, str]:
    """Return the text of every module and view of the page, tests and their fakes too, by its path in src."""
    found = {}
    for path in sources.files():
        name = path.as_posix()
        if name.startswith(ROOT) and path.suffix in {".ts", ".svelte"}:
            found[name.removeprefix(ROOT)] = (sources.ROOT / path).read_text("utf-8")
    return found


def shipped(texts: Mapping[str, str]) -> dict[str, str]:
    """Return what the page is built from: neither tests nor what they put in the place of the browser and the node."""
    return {path: text for path, text in texts.items() if not is_test(path)}


def is_test(path: str) -> bool:
    """Whether a module is only there for tests."""
    return path.endswith(".test.ts") or path.startswith("testing/")


def imported(path: str, texts: Mapping[str, str]) -> list[str]:
    """Return the paths of the page's modules that a module imports, for types too."""
    found = []
    for spec in _IMPORT.findall(texts[path]):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), spec))
        found += [name for name in (target, f"{target}.ts") if name in texts]
    return found
