"""Where the peers live: an environment of their own beside this project's, which `make bench` makes.

`python -m tests.bench.peers.environment` adds what comes from npm to it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from assets import build_page
from tests.bench.programs import ROOT
from tests.bench.rows import BenchFailed
from tests.support import npm

HOME = ROOT / ".venv-peers"
_PYTHON = HOME / "bin" / "python"
_NODE_HOME = HOME / "node"
_HERE = Path(__file__).parent


def require() -> None:
    """Raise BenchFailed, which says how to make the environment, when there is none."""
    if not (HOME / ".stamp").exists():
        raise BenchFailed(f"The peers are not installed; run: make {HOME.name}/.stamp")


def python(module: str, *options: str) -> Sequence[str]:
    """Return the command that runs `module` of this project with the peers' Python."""
    return [str(_PYTHON), "-m", module, *options]


def node(script: str) -> tuple[Sequence[str], Mapping[str, str]]:
    """Return the command that runs a script of this folder with Node, and what it needs in its environment."""
    program = build_page.find_node(npm=False).program
    return [str(program), str(_HERE / script)], {"NODE_PATH": str(_NODE_HOME / "node_modules")}


def main() -> None:
    """Install the packages of package-lock.json."""
    npm.install(_HERE, _NODE_HOME)


if __name__ == "__main__":
    main()
