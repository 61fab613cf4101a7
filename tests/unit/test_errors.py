"""What an error says to a person, to a client and to the shell; its place in the tree is a law of tests/laws/."""

import pytest

from lanchat import errors
from lanchat.errors import InvalidMessage, LanchatError, NoSuchRoom, StartError

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LanchatError)]


def test_without_a_sentence_an_error_says_the_first_line_of_its_docstring() -> None:
    assert str(NoSuchRoom()) == "There is no such room."


def test_an_exact_sentence_wins() -> None:
    assert str(NoSuchRoom("There is no room named Attic.")) == "There is no room named Attic."


def test_a_class_of_a_plugin_without_a_docstring_still_speaks() -> None:
    class Silent(LanchatError):
        __doc__ = None

    assert str(Silent()) == ""
    assert str(Silent("It broke.")) == "It broke."


@pytest.mark.parametrize("kind", ALL)
def test_exit_codes_are_those_that_a_shell_can_tell_apart(kind: type[LanchatError]) -> None:
    assert kind.exit_code in range(1, 9)


def test_start_errors_that_differ_for_a_script_have_their_own_exit_code() -> None:
    codes = {kind.code: kind.exit_code for kind in ALL if issubclass(kind, StartError)}
    assert codes["invalid_setting"] == 2
    assert codes["port_taken"] == codes["unreachable"] == 4
    assert codes["already_running"] == 6
    assert codes["no_window"] == 7


def test_an_invalid_message_is_a_type_error_as_other_channel_layers_raise() -> None:
    assert issubclass(InvalidMessage, TypeError)
