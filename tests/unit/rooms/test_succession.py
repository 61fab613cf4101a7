"""Who numbers a room, and whether a copy is of the same history."""

from pathlib import Path

import msgspec
import pytest

from lanchat.errors import JournalError
from lanchat.journal import Journal
from lanchat.protocol import Event, Mark, NodeInfo
from lanchat.rooms import succession
from lanchat.rooms.succession import Claim, KeptRecord
from tests.support.rooms.said import ELSEWHERE, HERE, THERE, record


def test_the_home_is_the_node_that_the_record_names() -> None:
    assert succession.is_home(record(home=HERE), HERE)
    assert not succession.is_home(record(home=THERE), HERE)


@pytest.mark.parametrize(
    ("home", "term", "claim"),
    [
        (THERE, 3, Claim.FOLLOW),
        (THERE, 4, Claim.FOLLOW),
        (THERE, 2, Claim.REFUSE),
        (ELSEWHERE, 3, Claim.REFUSE),
        (ELSEWHERE, 9, Claim.REFUSE),
    ],
)
def test_a_mirror_takes_a_higher_term_from_its_home_and_never_a_lower_one(
    home: NodeInfo, term: int, claim: Claim
) -> None:
    known = msgspec.structs.replace(record(home=THERE), term=3)
    assert succession.judge(known, home, term) is claim


@pytest.mark.parametrize(
    ("stands", "oldest", "same"),
    [
        (Mark(nonce="n", at=1), 1, True),
        (Mark(nonce="n", at=2), 1, False),
        (Mark(nonce="m", at=1), 1, False),
        (None, 1, False),
        (None, 8, True),
    ],
)
def test_a_history_is_known_again_by_the_mark_of_its_last_event(stands: Mark | None, oldest: int, same: bool) -> None:
    assert succession.is_same_history(Mark(nonce="n", at=1), 7, stands, oldest) is same


async def test_a_term_that_was_not_kept_is_kept_the_next_time(tmp_path: Path) -> None:
    """A node that only thought that it follows a term would refuse what is said under it."""

    async def nobody(room: str, events: list[Event]) -> None: ...

    async with Journal(tmp_path / "lanchat.db", nobody) as closed:
        pass
    kept = KeptRecord(record(home=THERE), closed)
    with pytest.raises(JournalError):
        await kept.raise_term(9)
    assert kept.record == record(home=THERE)
