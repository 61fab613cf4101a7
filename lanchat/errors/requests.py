"""What one asks of a node, and cannot have."""

from lanchat.fault import LanchatError


class InvalidNick(LanchatError):
    """A name needs 1 to 24 visible characters."""

    code = "invalid_nick"


class NoProgram(LanchatError):
    """This Lanchat does not run from a program file, so it has none to give; whoever has its source makes one."""

    code = "no_program"
