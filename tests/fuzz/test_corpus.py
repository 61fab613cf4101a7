"""Each target over its corpus, without a fuzzer: what was found once stays found.

`make fuzz` looks for more.
"""

import importlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest

CORPUS = Path(__file__).parent / "corpus"
TARGETS = ("addresses", "archives", "frames", "invitations", "names", "records", "redis_messages", "signatures")
FILES = [(name, file.name) for name in TARGETS for file in sorted((CORPUS / name).iterdir())]
CHANGES = 200


def target(name: str) -> Callable[[bytes], None]:
    found: Callable[[bytes], None] = importlib.import_module(f"tests.fuzz.{name}").target
    return found


@pytest.mark.parametrize(("name", "file"), FILES)
def test_a_target_takes_what_is_in_its_corpus(name: str, file: str) -> None:
    target(name)((CORPUS / name / file).read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_is_nearly_in_its_corpus(name: str) -> None:
    """Bytes changed, doubled, cut out and put in, the same in each run."""
    chance = random.Random(name)
    seeds = [file.read_bytes() for file in sorted((CORPUS / name).iterdir())]
    for _ in range(CHANGES):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data) + 1)
            piece = chance.choice([b"", bytes([chance.randrange(256)]), chance.choice(seeds)[at : at + 8]])
            data[at : at + chance.randint(0, 3)] = piece
        target(name)(bytes(data))


@pytest.mark.parametrize("name", TARGETS)
def test_a_corpus_is_small_and_there(name: str) -> None:
    sizes = [file.stat().st_size for file in (CORPUS / name).iterdir()]
    assert len(sizes) >= 5
    assert max(sizes) <= 16_384
