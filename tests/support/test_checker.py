"""The checker finds every kind of fault, by itself, and finds none where there is none."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from tests.support.checker import Entry, History, Journal, check


def journal(*nonces: str, name: str = "home") -> Journal:
    return Journal(name, tuple(Entry("r", seq, nonce) for seq, nonce in enumerate(nonces, 1)))


def history() -> History:
    """Ann said a, b and d, Bob said c; all are acknowledged but d; both saw everything."""
    told = History()
    for author, nonces in {"ann": "abd", "bob": "c"}.items():
        for nonce in nonces:
            told.invoke(author, nonce)
    for nonce in "abc":
        told.acknowledge(nonce)
    for reader in ("ann", "bob"):
        for entry in journal(*"abcd").entries:
            told.see(reader, entry)
    return told


def test_what_is_right_is_found_right() -> None:
    verdict = check(history(), [journal(*"abcd"), journal(*"abc", name="mirror")])
    assert verdict.faults == {}
    assert verdict.recovered == ["d"]


def test_nothing_at_all_is_right() -> None:
    assert check(History(), [Journal("home", ())]).faults == {}


def test_a_post_without_an_answer_may_be_missing() -> None:
    told = history()
    told.seen.clear()
    assert check(told, [journal(*"abc")]).faults == {}


def test_a_refused_post_that_is_missing_is_right() -> None:
    told = history()
    told.invoke("ann", "e")
    told.fail("e")
    assert check(told, [journal(*"abcd")]).faults == {}


def test_rooms_are_numbered_apart() -> None:
    told = History()
    entries = Entry("q", 1, "x"), Entry("q", 2, "y"), Entry("r", 1, "z")
    for entry in entries:
        told.invoke("ann", entry.nonce)
    for place in (0, 2, 1):
        told.see("bob", entries[place])
    assert check(told, [Journal("home", entries)]).faults == {}


# Each fault by itself -------------------------------------------------------------------------------------------------


def acknowledged_and_gone(told: History, journals: list[Journal]) -> None:
    told.invoke("bob", "e")
    told.acknowledge("e")


def seen_and_gone(told: History, journals: list[Journal]) -> None:
    told.seen.clear()
    told.see("ann", Entry("r", 1, "a"))
    told.see("ann", Entry("r", 2, "b"))
    told.see("ann", Entry("r", 3, "c"))
    told.see("ann", Entry("r", 4, "d"))
    journals[:] = [journal(*"abc")]


def never_seen(told: History, journals: list[Journal]) -> None:
    del told.seen["bob"][1]


def end_never_seen(told: History, journals: list[Journal]) -> None:
    del told.seen["bob"][-1]


def kept_twice(told: History, journals: list[Journal]) -> None:
    journals[0] = journal(*"abcda")
    for reader in ("ann", "bob"):
        told.see(reader, Entry("r", 5, "a"))


def seen_twice(told: History, journals: list[Journal]) -> None:
    told.see("ann", Entry("r", 4, "d"))


def never_said(told: History, journals: list[Journal]) -> None:
    told.invoked["bob"].remove("c")


def refused_and_kept(told: History, journals: list[Journal]) -> None:
    told.fail("d")


def numbers_with_a_hole(told: History, journals: list[Journal]) -> None:
    entries = (*journals[0].entries[:3], Entry("r", 5, "d"))
    journals[0] = Journal("home", entries)
    for reader in ("ann", "bob"):
        told.seen[reader][3] = entries[3]


def hole_in_a_mirror(told: History, journals: list[Journal]) -> None:
    journals[1] = Journal("mirror", tuple(entry for entry in journals[0].entries if entry.seq != 2))


def mirror_in_another_order(told: History, journals: list[Journal]) -> None:
    journals[1] = journal(*"acbd", name="mirror")


def mirror_beyond_its_home(told: History, journals: list[Journal]) -> None:
    told.invoke("ann", "e")
    journals[1] = journal(*"abcde", name="mirror")


def seen_under_another_number(told: History, journals: list[Journal]) -> None:
    told.seen["ann"][3] = Entry("r", 9, "d")


def seen_backwards(told: History, journals: list[Journal]) -> None:
    told.seen["bob"][1:3] = reversed(told.seen["bob"][1:3])


def author_in_another_order(told: History, journals: list[Journal]) -> None:
    told.invoked["ann"][:2] = ["b", "a"]


def damaged_file(told: History, journals: list[Journal]) -> None:
    journals[1] = Journal("mirror", journals[0].entries, "row 3 missing from index")


Break = Callable[[History, list[Journal]], None]


@pytest.mark.parametrize(
    ("broken", "kinds"),
    [
        (acknowledged_and_gone, {"lost": 1}),
        (seen_and_gone, {"lost": 1, "out_of_order": 1}),
        (never_seen, {"lost": 1}),
        (end_never_seen, {"lost": 1}),
        (kept_twice, {"doubled": 3}),
        (seen_twice, {"doubled": 1, "out_of_order": 1}),
        (never_said, {"unexpected": 1}),
        (refused_and_kept, {"unexpected": 1}),
        (numbers_with_a_hole, {"out_of_order": 1}),
        (hole_in_a_mirror, {"out_of_order": 1}),
        (mirror_in_another_order, {"out_of_order": 2}),
        (mirror_beyond_its_home, {"out_of_order": 1}),
        (seen_under_another_number, {"out_of_order": 1}),
        (seen_backwards, {"out_of_order": 1}),
        (author_in_another_order, {"out_of_order": 1}),
        (damaged_file, {"damaged": 1}),
    ],
)
def test_a_fault_is_found(broken: Break, kinds: dict[str, int]) -> None:
    told, journals = history(), [journal(*"abcd")]
    if "mirror" in broken.__name__ or broken is damaged_file:
        journals.append(journal(*"abcd", name="mirror"))
    broken(told, journals)
    assert {kind: len(found) for kind, found in check(told, journals).faults.items()} == kinds


def test_authors_may_be_let_off_their_order() -> None:
    told, journals = history(), [journal(*"abcd")]
    author_in_another_order(told, journals)
    assert check(told, journals, authors_in_order=False).faults == {}


# Real files -----------------------------------------------------------------------------------------------------------


def database(path: Path, count: int) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE event (room TEXT, seq INTEGER, nonce TEXT, PRIMARY KEY (room, seq))")
    with connection:
        rows = [("r", seq, f"{seq:0200}") for seq in range(1, count + 1)]
        connection.executemany("INSERT INTO event VALUES (?, ?, ?)", rows)
    connection.close()


def test_a_file_is_read(tmp_path: Path) -> None:
    database(tmp_path / "x.db", 3)
    read = Journal.read("home", tmp_path / "x.db")
    assert read.entries == tuple(Entry("r", seq, f"{seq:0200}") for seq in (1, 2, 3))
    assert read.damage == ""


def damage(path: Path, first: int, last: int, with_byte: bytes) -> dict[str, list[str]]:
    """Overwrite a part of a database, and give the faults that are found in it."""
    database(path, 300)
    content = bytearray(path.read_bytes())
    content[first:last] = with_byte * (last - first)
    path.write_bytes(content)
    return check(History(), [Journal.read("home", path)]).faults


@pytest.mark.parametrize(
    ("first", "last", "with_byte"),
    [(0, 100, b"\0"), (100, 4_096, b"x"), (40_960, 45_056, b"\0"), (8_192, 12_288, b"\xff"), (12_000, 12_100, b"\xff")],
)
def test_a_damaged_file_is_found(tmp_path: Path, first: int, last: int, with_byte: bytes) -> None:
    assert "home" in "".join(damage(tmp_path / "x.db", first, last, with_byte)["damaged"])
