#!/usr/bin/env python3
"""Write which characters look alike, for the node and for the page, from a confusables.txt of the Unicode Consortium.

Run it when there is a newer one: `python assets/generate_confusables.py confusables.txt`. The file comes from
https://www.unicode.org/Public/security/latest/confusables.txt (UTS #39, section 4).

Only what a comparison meets is kept: it compares in the form NFKC, so what that form never has is left out, and so is
what no name has, such as spaces and controls. A prototype is written in lower case, because names that differ by case
only look alike as well.
"""

import re
import sys
import textwrap
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / "lanchat" / "identity" / "names" / "confusables.py"
PAGE = ROOT / "assets" / "src" / "text" / "confusables.ts"
_LICENCE = """Derived from confusables.txt, version {version}, © 1991-{year} Unicode, Inc. Under the Unicode License V3:
see lanchat/identity/names/confusables.licence.txt."""
_PYTHON = '''"""Which characters look alike. Made by assets/generate_confusables.py; do not edit.

{licence}
"""

VERSION = "{version}"
"""Of the Unicode Standard whose data these are."""
PAIRS = """
{pairs}
"""
"""Lines of pairs: the code points of a character, a colon, and those of what it looks like, in hexadecimal digits."""
'''
_PAGE = """// Which characters look alike. Made by assets/generate_confusables.py; do not edit.
//
{licence}

// In two columns, and the first one as distances: so it weighs two thirds when it is compressed.

/** The code points of the characters, each as its distance from the one before, in hexadecimal digits. */
export const DISTANCES = `
{distances}
`;

/** What each of them looks like, as code points in hexadecimal digits. */
export const LOOKS = `
{looks}
`;
"""


def looks(text: str) -> dict[str, str]:
    """Return what each character looks like, of those that a comparison can meet."""
    found = {}
    for pair in re.finditer(r"^([0-9A-F ]+);\s*([0-9A-F ]+);", text, re.MULTILINE):
        source, prototype = ("".join(chr(int(point, 16)) for point in points.split()) for points in pair.groups())
        shown = unicodedata.category(source)[0] not in "ZC" or unicodedata.category(source) == "Cn"
        if shown and unicodedata.normalize("NFD", unicodedata.normalize("NFKC", source)) == source:
            found[source] = prototype
    # In lower case a prototype may have one of its own: the digit 0 looks like O, and then like o.
    lower = {source: unicodedata.normalize("NFD", prototype.lower()) for source, prototype in found.items()}
    last = {source: "".join(lower.get(letter, letter) for letter in shown) for source, shown in lower.items()}
    return {source: shown for source, shown in last.items() if source != shown}


def modules(text: str) -> tuple[str, str]:
    """Return the node's module and the page's for the text of a confusables.txt."""
    version = re.search(r"^# Version: (\S+)", text, re.MULTILINE)
    year = re.search(r"^# Date: (\d+)", text, re.MULTILINE)
    if version is None or year is None:
        raise SystemExit("This is no confusables.txt: it names no version and no date.")
    licence = _LICENCE.format(version=version[1], year=year[1])
    pairs = sorted(looks(text).items())
    points = [0, *(ord(source) for source, _ in pairs)]
    return (
        _PYTHON.format(
            licence=licence,
            version=version[1],
            pairs=_filled(f"{_points(source)}:{_points(shown)}" for source, shown in pairs),
        ),
        _PAGE.format(
            licence=textwrap.indent(licence, "// "),
            distances=_filled(f"{point - before:x}" for before, point in pairwise(points)),
            looks=_filled(_points(shown) for _, shown in pairs),
        ),
    )


def _filled(words: Iterable[str]) -> str:
    return textwrap.fill(" ".join(words), 118, break_on_hyphens=False)


def _points(text: str) -> str:
    return "+".join(f"{ord(letter):x}" for letter in text)


def main(arguments: list[str]) -> None:
    """Write both modules from the file that is named."""
    if not arguments:
        raise SystemExit("usage: python assets/generate_confusables.py confusables.txt")
    for path, module in zip((PYTHON, PAGE), modules(Path(arguments[0]).read_text("utf-8-sig")), strict=True):
        path.write_text(module, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
