from pathlib import Path

import pytest

from lanchat.errors import InvalidNick
from lanchat.identity.keys import PersonKey
from lanchat.identity.owner import Owner
from lanchat.journal import Journal
from lanchat.protocol import Event

KEY = PersonKey.new()


async def ignore(room: str, events: list[Event]) -> None:
    """Nobody listens."""


async def test_an_owner_has_the_id_of_their_key_and_the_default_name(journal: Journal) -> None:
    owner = await Owner.load(journal, KEY, given="", default="Ada")
    assert owner.author.nick == "Ada"
    assert owner.author.id == owner.key.id == KEY.id


async def test_the_id_and_the_chosen_name_stay(database: Path) -> None:
    async with Journal(database, ignore) as journal:
        first = await Owner.load(journal, KEY, given="", default="ada")
        assert (await first.rename(" Countess  Ada ")).nick == "Countess Ada"
        assert first.author.nick == "Countess Ada"
    async with Journal(database, ignore) as journal:
        again = await Owner.load(journal, KEY, given="", default="ada")
    assert again.author == first.author


async def test_the_journal_knows_whose_it_is(journal: Journal) -> None:
    """What is recovered of a damaged room can be signed anew by them, and by nobody else."""
    owner = await Owner.load(journal, KEY, given="", default="ada")
    assert (await journal.settings())["person"] == owner.seal.id == KEY.id
    other = PersonKey.new()
    await Owner.load(journal, other, given="", default="ada")
    assert (await journal.settings())["person"] == other.id


async def test_a_default_is_not_remembered(journal: Journal) -> None:
    await Owner.load(journal, KEY, given="", default="ada")
    assert (await Owner.load(journal, KEY, given="", default="lovelace")).author.nick == "lovelace"


async def test_a_given_name_replaces_the_remembered_one(journal: Journal) -> None:
    await (await Owner.load(journal, KEY, given="", default="x")).rename("Ada")
    assert (await Owner.load(journal, KEY, given="Bob", default="x")).author.nick == "Bob"
    assert (await Owner.load(journal, KEY, given="", default="x")).author.nick == "Bob"


async def test_a_name_that_nobody_can_have_is_refused_and_changes_nothing(journal: Journal) -> None:
    owner = await Owner.load(journal, KEY, given="Ada", default="x")
    with pytest.raises(InvalidNick):
        await owner.rename("\u202e")
    with pytest.raises(InvalidNick):
        await Owner.load(journal, KEY, given="n" * 25, default="x")
    assert owner.author.nick == "Ada"
    assert (await Owner.load(journal, KEY, given="", default="x")).author == owner.author


@pytest.mark.parametrize(
    ("default", "shown"), [("", "Someone"), ("a\x00b", "Someone"), ("n" * 25, "Someone"), (" Ada ", "Ada")]
)
async def test_whatever_the_machine_calls_its_user_lanchat_starts(journal: Journal, default: str, shown: str) -> None:
    assert (await Owner.load(journal, KEY, given="", default=default)).author.nick == shown
