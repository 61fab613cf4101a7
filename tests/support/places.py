"""Where things are in this repository, and on this machine."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
LAB = ROOT / "tests" / "support" / "lan" / "lab"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
HEADLESS = shutil.which("chromium-headless-shell") or CHROMIUM
"""The same engine without windows around its pages, which take more than half of the processor's time in a short test;
it has no pages of its own, such as the warning of a certificate."""
