"""Runs a part of the bench inside the lab: in namespaces of its own, where whoever is hostile reaches nobody else."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from tests.bench.programs import ROOT
from tests.bench.rows import BenchFailed, Row
from tests.support.places import LAB

_LONGEST = 7_200.0


def run(part: str, **options: Any) -> list[Row]:
    """Run `main(options)` of a module of this folder in the lab, and give its rows. What it says is passed on."""
    command = [str(LAB), sys.executable, "-m", f"tests.bench.doors.{part}", json.dumps(options)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=_LONGEST, check=False)
    if done.returncode:
        raise BenchFailed(f"The lab failed with code {done.returncode}; see above.")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=list[Row])


def begin(measure: Callable[..., list[Row]]) -> None:
    """Measure in the lab with the options of the command line, and print the rows."""
    assert os.environ.get("LAN_LAB"), "this part of the bench runs inside tests/support/lan/lab"
    print(msgspec.json.encode(measure(**json.loads(sys.argv[1]))).decode())


def tell(words: str) -> None:
    """Say how it goes."""
    print(f"[{words}] ", end="", file=sys.stderr, flush=True)
