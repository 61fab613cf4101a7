"""What no home can say who follows the rules. Pure."""

from lanchat.rooms.quorum.ledger import Ledger
from lanchat.rooms.quorum.messages import Append


class Contradiction(Exception):
    """A voter says what no voter can who follows the rules: its disk was changed, or it lies."""


def check(message: Append, ledger: Ledger, acknowledged: int) -> None:
    """Return if an honest home could say this.

    Args:
        message: what a home says.
        ledger: what is here.
        acknowledged: the highest seq that is known here to be acknowledged.

    Raises:
        Contradiction: no honest home can.
    """
    seq, term = message.after, message.of
    if seq <= acknowledged and ledger.of(seq) != term:
        raise Contradiction(f"The home has another entry {seq} than the one that was acknowledged.")
    for entry in message.entries:
        if entry.seq != seq + 1 or not term <= entry.term <= message.term:
            raise Contradiction(f"The home sent entry {entry.seq} of term {entry.term} behind {seq} of {term}.")
        if entry.seq <= acknowledged and ledger.of(entry.seq) != entry.term:
            raise Contradiction(f"The home has another entry {entry.seq} than the one that was acknowledged.")
        seq, term = entry.seq, entry.term
