"""Rules that a node says for its person, at the home and at a mirror."""

import pytest

from lanchat.errors import InvalidInvitation, NotModerator, Unreachable
from lanchat.identity import Owner, check
from lanchat.journal import Journal
from lanchat.protocol import Rule, read_rule
from lanchat.rooms.door import declaring
from lanchat.rooms.door.declaring import check_home, declare
from tests.support.identity import SEAL, key
from tests.support.rooms.doors import Hall

LOCK = Rule(change="locked")


@pytest.fixture
async def owner(journal: Journal) -> Owner:
    return await Owner.load(journal, key(1), given="Ada", default="")


@pytest.mark.parametrize("kind", ["home", "mirror"])
async def test_it_is_signed_and_holds_when_that_returns(owner: Owner, kind: str) -> None:
    hall = Hall(SEAL.id, "home" if kind == "home" else "mirror")
    await declare(hall, owner, LOCK)
    assert hall.door.policy.locked
    (said,) = hall.said
    check(said)
    assert (said.author, read_rule(said.body.text)) == (owner.author, LOCK)


async def test_what_the_person_may_not_say_is_not_said_at_home(owner: Owner) -> None:
    hall = Hall("b" * 43)
    with pytest.raises(NotModerator):
        await declare(hall, owner, LOCK)
    assert hall.said == []


async def test_a_home_that_is_away_is_told_plainly_and_nothing_is_said(owner: Owner) -> None:
    hall = Hall(SEAL.id, "mirror")
    hall.online = False
    with pytest.raises(Unreachable, match="Desk"):
        await declare(hall, owner, LOCK)
    assert hall.said == []
    hall.kind = "home"
    check_home(hall)


async def test_a_refusal_of_the_home_is_raised(owner: Owner) -> None:
    hall = Hall(SEAL.id, "mirror")
    hall.refusal = InvalidInvitation("It was used.")
    with pytest.raises(InvalidInvitation, match="used"):
        await declare(hall, owner, LOCK)


async def test_a_home_that_says_nothing_is_not_waited_for_long(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declaring, "PATIENCE", 0.01)
    hall = Hall(SEAL.id, "mirror")
    hall.silent = True
    with pytest.raises(Unreachable, match="in time"):
        await declare(hall, owner, LOCK)
