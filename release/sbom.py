"""Lists what is in a program file: `python -m release.sbom PROGRAMS PYTHON FILE`, which `make audit` calls.

PROGRAMS is the folder that has cyclonedx-py, PYTHON that of the environment from which FILE was frozen. The list, in
CycloneDX's form (ECMA-424), is written beside FILE as FILE.cdx.json. What is no Python package is added: Python
itself, SQLite, each OpenSSL, and what the page brings.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_NATIVE = """
import json, platform, ssl
import apsw
found = {"python": platform.python_version(), "sqlite": apsw.sqlitelibversion(), "openssl": ssl.OPENSSL_VERSION}
try:
    from cryptography.hazmat.backends.openssl import backend
    found["openssl of cryptography"] = backend.openssl_version_text()
except ImportError:
    pass
print(json.dumps(found))
"""
_CPE = {"python": "cpe:2.3:a:python:python:{}", "sqlite": "cpe:2.3:a:sqlite:sqlite:{}"}
_OPENSSL = "cpe:2.3:a:openssl:openssl:{}"
_ANY = ":*:*:*:*:*:*:*"
_BUNDLED = re.compile(r"^## (\S+) - (\S+) \((.+)\)$", re.MULTILINE)


def native(python: Path) -> list[dict[str, Any]]:
    """Return the libraries that the environment of a Python brings and that are no Python packages.

    Raises:
        subprocess.CalledProcessError: one of them is not there.
    """
    said = subprocess.run([python, "-c", _NATIVE], capture_output=True, text=True, check=True).stdout
    return [_library(name, version) for name, version in json.loads(said).items()]


def bundled(licences: str) -> list[dict[str, Any]]:
    """Return the packages that are in the built page, by the list of licences that it has."""
    return [
        {
            "type": "library",
            "bom-ref": f"npm:{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{version}",
            "licenses": [{"license": {"name": licence}}],
        }
        for name, version, licence in _BUNDLED.findall(licences)
    ]


def completed(bom: dict[str, Any], more: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a list with more components, each once, and in the order of their names."""
    every = {component["bom-ref"]: component for component in (*bom.get("components", ()), *more)}
    return {**bom, "components": sorted(every.values(), key=lambda one: (one["name"].lower(), one["bom-ref"]))}


def main() -> None:
    """Write the list, and say where it is."""
    programs, python, program = (Path(argument) for argument in sys.argv[1:4])
    options = ["--of", "JSON", "--output-reproducible", "--pyproject", str(ROOT / "pyproject.toml")]
    command = [str(programs / "cyclonedx-py"), "environment", *options, str(python)]
    bom = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    page = (ROOT / "lanchat" / "web" / "ui" / "licenses.md").read_text("utf-8")
    whole = completed(bom, [*native(python), *bundled(page)])
    written = program.with_name(f"{program.name}.cdx.json")
    written.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"{written}: {len(whole['components'])} components")


def _library(name: str, said: str) -> dict[str, Any]:
    version = said.split()[1] if said.startswith("OpenSSL") else said
    form = _CPE.get(name, _OPENSSL)
    return {
        "type": "library",
        "bom-ref": f"native:{name}@{version}",
        "name": name,
        "version": version,
        "cpe": form.format(version) + _ANY,
    }


if __name__ == "__main__":
    main()
