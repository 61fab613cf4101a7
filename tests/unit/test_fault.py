"""What an error says to a person; its place in the tree is a law of tests/laws/."""

from lanchat.errors import NoSuchRoom
from lanchat.fault import LanchatError


def test_without_a_sentence_an_error_says_the_first_line_of_its_docstring() -> None:
    assert str(NoSuchRoom()) == "There is no such room."


def test_an_exact_sentence_wins() -> None:
    assert str(NoSuchRoom("There is no room named Attic.")) == "There is no room named Attic."


def test_a_class_of_a_plugin_without_a_docstring_still_speaks() -> None:
    class Silent(LanchatError):
        __doc__ = None

    assert str(Silent()) == ""
    assert str(Silent("It broke.")) == "It broke."
