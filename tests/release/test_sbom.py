"""What is added to the list of Python packages, from what is really there."""

import json
import sys
from pathlib import Path

import apsw

from release import sbom
from tests.support.places import ROOT

LICENCES = "# Licenses\n\n## svelte - 5.57.3 (MIT)\n\nText\n\n## @scope/thing - 1.0.0 (Apache-2.0)\n\nText\n"


def test_libraries_that_are_no_packages_are_asked_of_the_environment() -> None:
    found = {component["name"]: component for component in sbom.native(Path(sys.executable))}
    assert found["sqlite"]["version"] == apsw.sqlitelibversion()
    assert found["openssl"]["version"].split(".")[0] in {"1", "3", "4"}
    assert found["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert found["sqlite"]["cpe"] == f"cpe:2.3:a:sqlite:sqlite:{apsw.sqlitelibversion()}:*:*:*:*:*:*:*"


def test_what_the_page_brings_is_in_its_licences() -> None:
    svelte, scoped = sbom.bundled(LICENCES)
    assert (svelte["name"], svelte["version"], svelte["purl"]) == ("svelte", "5.57.3", "pkg:npm/svelte@5.57.3")
    assert scoped["purl"] == "pkg:npm/%40scope/thing@1.0.0"
    lock = json.loads((ROOT / "assets" / "package-lock.json").read_text("utf-8"))
    assert "node_modules/svelte" in lock["packages"]


def test_a_list_is_completed_in_order_and_nothing_twice() -> None:
    given = {
        "bomFormat": "CycloneDX",
        "components": [{"bom-ref": "z==1", "name": "z"}, {"bom-ref": "a==1", "name": "A"}],
    }
    whole = sbom.completed(given, [{"bom-ref": "m", "name": "m"}, {"bom-ref": "z==1", "name": "z"}])
    assert [component["name"] for component in whole["components"]] == ["A", "m", "z"]
    assert whole["bomFormat"] == "CycloneDX"
