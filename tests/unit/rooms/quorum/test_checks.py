import pytest

from lanchat.rooms.quorum.checks import Contradiction, check
from lanchat.rooms.quorum.ledger import Ledger
from lanchat.rooms.quorum.messages import Append, Entry
from lanchat.rooms.quorum.voters import Configuration

LEDGER = Ledger(Configuration.alone("a"), [Entry(1, 1), Entry(2, 1), Entry(3, 1)])


@pytest.mark.parametrize("said", [Append(2, 3, 1, (Entry(4, 2),)), Append(2, 2, 1, (Entry(3, 2),)), Append(5, 9, 4)])
def test_what_an_honest_home_can_say_is_taken(said: Append) -> None:
    check(said, LEDGER, 2)


@pytest.mark.parametrize("said", [Append(2, 2, 2), Append(2, 1, 1, (Entry(2, 2),)), Append(2, 3, 1, (Entry(5, 2),))])
def test_what_contradicts_what_was_acknowledged_or_itself_is_not(said: Append) -> None:
    with pytest.raises(Contradiction):
        check(said, LEDGER, 2)
