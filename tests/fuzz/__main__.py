"""Fuzzes one target, led by its coverage: `python -m tests.fuzz TARGET [options of libFuzzer] [folders]`.

What it finds stays as a file in the working directory; put a short one into tests/fuzz/corpus/TARGET, where
tests/fuzz/test_corpus.py runs it for ever.
"""

import importlib
import sys

import atheris

with atheris.instrument_imports(include=["lanchat"]):
    target = importlib.import_module(f"tests.fuzz.{sys.argv[1]}").target

atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
atheris.Fuzz()
