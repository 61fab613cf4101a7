"""What a shell can tell apart."""

import pytest

from lanchat import errors
from lanchat.cli.exit_codes import exit_code_of
from lanchat.cli.program import program
from lanchat.errors import AlreadyRunning, DiskFull, InvalidSetting, LanchatError, NotArrived, NoWindow
from lanchat.layers import LayerUnreachable

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LanchatError)]


def test_every_error_ends_the_program_with_a_code_that_the_help_explains() -> None:
    explained = (program.epilog or "").partition("Exit codes:")[2]
    assert {str(exit_code_of(kind)) for kind in ALL} <= {word for word in explained.split() if word.isdigit()}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (InvalidSetting, 2),
        (DiskFull, 5),
        (AlreadyRunning, 6),
        (NoWindow, 7),
        (NotArrived, 8),
        (LayerUnreachable, 1),
        (LanchatError, 1),
    ],
)
def test_a_script_can_tell_them_apart(kind: type[LanchatError], code: int) -> None:
    assert exit_code_of(kind) == code
