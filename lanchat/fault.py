"""What every error of ours has, those of the library and those of the chat."""

from typing import ClassVar


class LanchatError(Exception):
    """Something went wrong in Lanchat.

    Attributes:
        code: stable name of the error, the same on the wire, in `--json` output and in logs.
        retry: whether the same request may succeed later without a change.
    """

    code: ClassVar[str] = "error"
    retry: ClassVar[bool] = False

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or (type(self).__doc__ or "").partition("\n")[0])
