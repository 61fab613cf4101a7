from pathlib import Path

from lanchat.journal.repair.report import Recovery, recovered_file


def test_a_report_is_a_sentence_for_the_user() -> None:
    report = Recovery(Path("lanchat.db.damaged-1"), 7, 2, ("Kitchen",))
    assert str(report) == (
        "The database was damaged. 7 entries were recovered, 2 lost in 'Kitchen'."
        " The damaged file is kept as lanchat.db.damaged-1."
    )


def test_it_says_what_became_of_rules_and_passphrases() -> None:
    report = Recovery(Path("x"), 7, 2, ("Kitchen", "Hall"), ("Kitchen",), ("Kitchen", "Hall"))
    assert str(report).endswith(
        " The rules that others made in 'Kitchen' go on to hold, and stand in your name now."
        " Set the passphrase of 'Kitchen', 'Hall' again; until then nobody new comes in by it."
    )


def test_the_new_database_waits_beside_the_damaged_one(tmp_path: Path) -> None:
    assert recovered_file(tmp_path / "lanchat.db") == tmp_path / "lanchat.db.recovered"
