"""`windows`, with a real node."""

import json
from pathlib import Path

from tests.support.here import Here
from tests.support.terminal import lanchat_inside


def test_without_a_browser_the_list_is_empty_and_nobody_is_signed_out(here: Here) -> None:
    assert lanchat_inside("windows", "--data-dir", here.data_dir).out == ""
    assert lanchat_inside("windows", "--data-dir", here.data_dir, "--sign-out", "ab").out == "Signed out: 0.\n"


def test_all_are_signed_out(here: Here) -> None:
    done = lanchat_inside("windows", "--data-dir", here.data_dir, "--sign-out-all", "--json")
    assert json.loads(done.out) == {"signed_out": 0}


def test_without_a_node_there_is_nothing_to_show(tmp_path: Path) -> None:
    lanchat_inside("windows", "--data-dir", tmp_path).refused(4, "start it first")
