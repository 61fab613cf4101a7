"""`doctor`, with a real node and without one."""

from pathlib import Path

from lanchat.commands.doctor import TROUBLED, format_finding
from lanchat.protocol import Finding
from tests.support.here import Here
from tests.support.terminal import ALONE, lanchat_inside


def test_the_node_here_is_asked(here: Here) -> None:
    done = here.do("doctor")
    assert done.code == TROUBLED
    assert "Looked for rooms from 127.0.0.1." in done.out
    assert "Lanchat was told to keep to this machine" in done.out
    assert "Start it without --bind" in done.out


def test_without_a_node_it_looks_for_itself(tmp_path: Path) -> None:
    done = lanchat_inside("doctor", *ALONE, "--data-dir", tmp_path, "--search", "0.1", "--json")
    assert done.code == TROUBLED
    (told,) = done.objects
    assert [finding["cause"] for finding in told["findings"]] == ["bind_loopback"]
    assert told["tried"]


def test_what_others_wrote_moves_no_cursor() -> None:
    finding = Finding(cause="clock", sentence="The clock of \x1b[31mEve\u202e", remedy="Set it:", commands=["date\n"])
    assert format_finding(finding) == "The clock of  [31mEve \n  Set it:\n    date "
