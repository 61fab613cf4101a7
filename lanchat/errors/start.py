"""A program that cannot start, or cannot reach what it was asked to."""

from lanchat.fault import LanchatError


class StartError(LanchatError):
    """Lanchat cannot start."""

    code = "start_error"


class InvalidSetting(StartError):
    """A setting is not valid."""

    code = "invalid_setting"


class PortTaken(StartError):
    """Another program uses this port."""

    code = "port_taken"


class InvalidAddress(StartError):
    """This machine has no such address."""

    code = "invalid_address"


class DataDirUnusable(StartError):
    """The data directory cannot be used."""

    code = "data_dir_unusable"


class AlreadyRunning(StartError):
    """Lanchat already runs on this data directory."""

    code = "already_running"


class NoWindow(StartError):
    """No window can be opened on this machine."""

    code = "no_window"


class Unreachable(StartError):
    """Nobody answers at that address."""

    code = "unreachable"
    retry = True


class OtherNode(StartError):
    """Another machine answers at that address: its key is another."""

    code = "other_node"
    retry = True


class NotArrived(StartError):
    """What was sent is kept here, and has not reached the room's home in time."""

    code = "not_arrived"
    retry = True


class SelfTestFailed(StartError):
    """The self-test found a part that does not work."""

    code = "selftest_failed"
