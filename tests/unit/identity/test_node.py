"""What a node is called."""

from pathlib import Path

from lanchat.identity.node import identify
from lanchat.journal import Journal


async def nobody(room: str, events: object) -> None: ...


async def test_the_id_stays_and_the_name_is_todays(tmp_path: Path) -> None:
    async with Journal(tmp_path / "a.db", nobody) as journal:
        first = await identify(journal, "desk")
    async with Journal(tmp_path / "a.db", nobody) as journal:
        again = await identify(journal, "table")
    assert first.id == again.id
    assert (len(first.id), first.name, again.name) == (32, "desk", "table")


async def test_two_databases_are_two_nodes(tmp_path: Path) -> None:
    async with Journal(tmp_path / "a.db", nobody) as one, Journal(tmp_path / "b.db", nobody) as other:
        assert (await identify(one, "x")).id != (await identify(other, "x")).id
