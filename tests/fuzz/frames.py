"""Frames of clients, of nodes, and of a home to its mirror."""

import contextlib

from lanchat.errors import FrameError, LanchatError
from lanchat.lan.link.checks import checked
from lanchat.protocol import check_command, encode
from lanchat.protocol.codec import decode_command, decode_reply, read_subject

ROOM, OWNER = "f" * 32, "the-owner-here"


def target(data: bytes) -> None:
    """Take the bytes for a frame from each side. Only FrameError is raised for a command, LanchatError for a reply."""
    read_subject(data)
    with contextlib.suppress(FrameError):
        command = decode_command(data)
        assert decode_command(encode(command)) == command
        check_command(command)
    with contextlib.suppress(LanchatError):
        reply = decode_reply(data)
        assert decode_reply(encode(reply)) == reply
        taken = checked(reply, ROOM, OWNER)
        assert taken is None or decode_reply(encode(taken)) == taken
