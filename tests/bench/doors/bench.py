"""What somebody hostile costs the others: floods, silent connections, a hostile home, forged advertisements."""

from collections.abc import Sequence

from tests.bench.doors import inside, share, silent
from tests.bench.doors.flooder import KINDS
from tests.bench.doors.tricks import TRICKS
from tests.bench.rows import Row

NAME = "doors"


def measure(*, quick: bool = False, kinds: Sequence[str] = tuple(KINDS), tricks: Sequence[str] = TRICKS) -> list[Row]:
    """Measure all of it; `quick` gives each flood, trick and forgery seconds where the others have a minute."""
    return [
        *silent.measure(NAME, seconds=2.0 if quick else 10.0),
        *share.measure(NAME),
        *inside.run("floods", kinds=list(kinds), rounds=3 if quick else 2, seconds=2.0 if quick else 20.0),
        *inside.run("home", tricks=list(tricks), rounds=1 if quick else 3, seconds=4.0 if quick else 20.0),
        *inside.run("forged", seconds=15.0 if quick else 60.0, adverts=2_500 if quick else 10_000),
    ]
