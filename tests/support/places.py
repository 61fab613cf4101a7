"""Where things are in this repository."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
LAB = ROOT / "tests" / "support" / "lan" / "lab"
