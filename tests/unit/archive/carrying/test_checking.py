"""Files with a room in which something was altered."""

from collections.abc import Callable

import pytest

from lanchat.archive import check_branch
from lanchat.errors import InvalidArchive
from tests.support.archive.stick import Line, altered, carry, opened
from tests.support.identity import OTHER_SEAL
from tests.support.rooms.company import Company


@pytest.mark.parametrize(
    ("change", "cheats", "sentence"),
    [
        (lambda lines: lines[2]["body"].update(text="no"), True, "Line 3 was altered: Ada did not say that"),
        (lambda lines: lines[2]["body"].update(text="no"), False, "Line 3 was altered: Ada did not say that"),
        (lambda lines: lines[2]["author"].update(nick="Eve"), True, "Line 3 was altered: Eve did not say that"),
        (lambda lines: lines[2].pop("signature"), True, "Line 3 was altered"),
        (lambda lines: lines[0].update(room="0" * 32), True, "Line 2 was altered: Ada did not say that, or not in"),
        (lambda lines: lines[2].update(at=5), False, "Line 5: the file was changed .*: not what people said in it"),
        (lambda lines: lines.pop(2), False, "Line 4: there should be 3 events, and there are 2"),
        (lambda lines: lines[-1].update(signature="A" * 86), False, "Line 5 was altered: the file is not signed"),
        (lambda lines: lines[-1].update(by=OTHER_SEAL.id), False, "Line 5 was altered: the file is not signed"),
        (lambda lines: (lines[-1].pop("by"), lines[-1].pop("signature")), False, "The last line was altered: nobody"),
        (lambda lines: lines[0].update(owner=OTHER_SEAL.id), True, "Line 1 was altered: this room was not opened by"),
        (lambda lines: lines[0].update(term=2**40), True, "Line 1: term 1099511627776 is far in the future"),
        (lambda lines: lines[2].update(term=2), True, "Line 3: term 2 is none that this room can have had"),
        (lambda lines: lines[0].update(version=3), True, "Line 1: an older Lanchat wrote this file"),
    ],
)
async def test_an_altered_file_is_refused_with_what_was_altered_and_nothing_is_taken(
    nodes: Company, change: Callable[[list[Line]], object], cheats: bool, sentence: str
) -> None:
    path = await carry(nodes, "a")
    altered(path, change, OTHER_SEAL if cheats else None)
    with pytest.raises(InvalidArchive, match=sentence):
        await opened(nodes, "b", path)
    with pytest.raises(InvalidArchive, match=sentence):
        check_branch(path)
    assert nodes.room not in nodes.servers["b"].node.rooms
