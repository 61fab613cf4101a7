"""Two people who compare words to know each other by their keys."""

from lanchat.fault import LanchatError


class VerificationError(LanchatError):
    """The comparison of words failed."""

    code = "verification_error"


class CannotCompare(VerificationError):
    """Words can be compared only with a person who is here with a Lanchat of their own."""

    code = "cannot_compare"


class NoSuchComparison(VerificationError):
    """There is no such comparison of words; it may be over."""

    code = "no_such_comparison"


class ComparisonExpired(VerificationError):
    """Comparing words took too long; begin again."""

    code = "comparison_expired"


class MalformedStep(VerificationError):
    """A step of the comparison does not carry what it should."""

    code = "malformed_step"


class StepOutOfOrder(VerificationError):
    """A step of the comparison came when it was not its turn."""

    code = "step_out_of_order"


class StepReplayed(VerificationError):
    """A step of the comparison came a second time, and was passed over."""

    code = "step_replayed"


class WrongCommitment(VerificationError):
    """The other side shows another key than the one it promised: somebody may be between you."""

    code = "wrong_commitment"


class WrongMac(VerificationError):
    """The other side confirms something else than what was compared: somebody may be between you."""

    code = "wrong_mac"
