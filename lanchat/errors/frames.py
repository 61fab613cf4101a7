"""A frame that the protocol does not allow; the connection goes on."""

from lanchat.fault import LanchatError


class FrameError(LanchatError):
    """The frame is not part of the protocol."""

    code = "frame_error"


class NotJson(FrameError):
    """The frame is not JSON."""

    code = "not_json"


class NotText(FrameError):
    """The frame is binary; this protocol speaks text frames."""

    code = "not_text"


class UnknownFrame(FrameError):
    """The frame's type is not known."""

    code = "unknown_frame"


class InvalidFrame(FrameError):
    """A field of the frame is missing or has the wrong type."""

    code = "invalid_frame"


class TextTooLong(FrameError):
    """The text is too long."""

    code = "text_too_long"


class HelloFirst(FrameError):
    """The first frame of a connection must be a hello."""

    code = "hello_first"
