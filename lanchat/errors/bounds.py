"""More than this node can bear from one side."""

from lanchat.fault import LanchatError


class LimitError(LanchatError):
    """This is more than the node takes."""

    code = "limit_error"


class SlowDown(LimitError):
    """You do this too often; try again in a moment.

    Attributes:
        wait: seconds after which it may be tried again.
    """

    code = "slow_down"
    retry = True

    def __init__(self, sentence: str = "", *, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait = wait


class TooManySearches(LimitError):
    """Several searches of yours wait already; wait for an answer."""

    code = "too_many_searches"
    retry = True


class LimitReached(LimitError):
    """There are as many of these here as there may be."""

    code = "limit_reached"
