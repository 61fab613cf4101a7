"""An error by the code that it has on the wire."""

from lanchat.errors.bounds import SlowDown
from lanchat.fault import LanchatError


def error_of(code: str, sentence: str, wait: float = 0.0) -> LanchatError:
    """Return the error that another node named by its code; LanchatError itself when this version does not know it.

    Args:
        code: of the error.
        sentence: what it says.
        wait: seconds after which it may be tried again, where that is said.
    """
    if code == SlowDown.code:
        return SlowDown(sentence, wait=wait)
    kinds = [LanchatError]
    for kind in kinds:
        if kind.code == code:
            return kind(sentence)
        kinds.extend(kind.__subclasses__())
    return LanchatError(sentence)
