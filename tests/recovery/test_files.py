"""A database file that comes back damaged: the node starts, keeps the file, and shows nothing that was not said."""

import random
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from lanchat.cli.exit_codes import exit_code_of
from lanchat.errors import JournalDamaged
from tests.recovery.crowd import Crowd, one_node
from tests.support.checker import Journal
from tests.support.faults import damaged, flipped, truncated, zeroed
from tests.support.faults.files import PAGE, Damage

SOON = 30.0
"""Seconds within which a node must serve whatever its file looks like; ten on a machine that has nothing else to do."""


def head_gone(content: bytearray, dice: random.Random) -> None:
    """The first page, which says what the file is and where its tables are, is nothing but zeros."""
    content[:PAGE] = bytes(PAGE)


def head_overwritten(content: bytearray, dice: random.Random) -> None:
    """The header is whole, and what follows it on the first page is something else."""
    content[100:PAGE] = dice.randbytes(PAGE - 100)


@pytest.mark.parametrize("times", [2, pytest.param(30, marks=pytest.mark.soak)])
@pytest.mark.parametrize("damage", [flipped, truncated, zeroed, head_gone, head_overwritten])
async def test_a_damaged_file(tmp_path: Path, dice: random.Random, damage: Damage, times: int) -> None:
    async with one_node(tmp_path) as crowd:
        await crowd.come(2, crowd.home.url)
        async with crowd.talking(dice, every=0.001):
            await crowd.more(300)
        await crowd.caught_up()
        crowd.home.stop()
        said = [entry.nonce for entry in crowd.home.journal().entries]
        for _ in range(times):
            seed = dice.randrange(1 << 32)
            print(f"{damage.__name__} with {seed}")
            with damaged(crowd.home.database, damage, random.Random(seed)):
                # SQLite has no checksums: a bit that turned over in a text is not noticed by anybody.
                await starts(crowd, said, noticeable=damage is not flipped)
        crowd.home.again()
        await crowd.home.ready()
        async with crowd.talking(dice):
            await crowd.more(20)
        await crowd.verdict()


async def starts(crowd: Crowd, said: Sequence[str], *, noticeable: bool) -> None:
    """Let the node start on a damaged file, and see what it makes of it."""
    before = set(crowd.home.data_dir.iterdir())
    checksum = zlib.crc32(crowd.home.database.read_bytes())
    crowd.home.again()
    try:
        assert await crowd.home.ready() < SOON
    except RuntimeError:
        # What a quick look passes over is met when it is read; then the next start looks closely.
        assert not noticeable
        assert crowd.home.ends() == exit_code_of(JournalDamaged)
        crowd.home.again()
        assert await crowd.home.ready() < SOON
    crowd.home.stop()
    aside = [path for path in set(crowd.home.data_dir.iterdir()) - before if "damaged" in path.name]
    if aside:
        assert checksum in {zlib.crc32(path.read_bytes()) for path in aside}
        assert all(path.name in crowd.home.log for path in aside if not path.name.endswith(("-wal", "-shm")))
    if noticeable:
        kept = crowd.home.journal()
        assert kept.damage == ""
        assert aside or len(kept.entries) == len(said)
        shows_only_what_was_said(kept, said)
    for path in aside:
        path.unlink()


def shows_only_what_was_said(kept: Journal, said: Sequence[str]) -> None:
    """See that what is kept is a part of what was said, in the same order and numbered without a hole."""
    places = {nonce: place for place, nonce in enumerate(said)}
    found = [places[entry.nonce] for entry in kept.entries]
    assert found == sorted(set(found))
    assert [entry.seq for entry in kept.entries] == list(range(1, len(found) + 1))
