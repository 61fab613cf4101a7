"""What the library raises is caught as other channel layers' errors are, and says nothing of a program's end."""

from lanchat.layers import InvalidMessage, LibraryError


def test_an_invalid_message_is_a_type_error_as_other_channel_layers_raise() -> None:
    assert issubclass(InvalidMessage, TypeError)


def test_the_library_knows_no_exit_codes() -> None:
    assert not hasattr(LibraryError, "exit_code")
