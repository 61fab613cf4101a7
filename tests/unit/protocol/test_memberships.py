import pytest

from lanchat.errors import InvalidFrame
from lanchat.protocol import Alert, Arrange, Command, Prefer, Read, check_command


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Read(room="r", seq=-1), "seq is 0 or more"),
        (Read(room="r", seq=2**63, back=True), "seq is 0 or more"),
        (Prefer(room="r", view=-1), "view is 0 or more"),
        (Arrange(rooms=[str(number) for number in range(501)]), "at most 500"),
        (Arrange(rooms=["a", "b", "a"]), "each once"),
        (Alert(quiet=-2), "a number of seconds"),
        (Alert(quiet=31_622_401), "a number of seconds"),
    ],
)
def test_what_the_types_do_not_say_is_refused_in_words(command: Command, reason: str) -> None:
    with pytest.raises(InvalidFrame, match=reason):
        check_command(command)


@pytest.mark.parametrize(
    "command",
    [
        Read(room="r", seq=0, back=True),
        Prefer(room="r", view=0),
        Arrange(rooms=[]),
        Arrange(rooms=["a"]),
        Alert(),
        Alert(quiet=-1),
    ],
)
def test_what_is_right_passes(command: Command) -> None:
    check_command(command)
