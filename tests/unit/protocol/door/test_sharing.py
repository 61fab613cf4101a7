"""What the fields of `share` may be."""

import pytest

from lanchat.errors import InvalidFrame
from lanchat.protocol import MAX_ADDRESS, MAX_PASSPHRASE, Share, check_command


@pytest.mark.parametrize(
    "share",
    [
        Share(room="r"),
        Share(room="r", at="x" * MAX_ADDRESS),
        Share(room="r", invitation="aZ0_-" * (MAX_PASSPHRASE // 5)),
    ],
)
def test_what_can_be_passes(share: Share) -> None:
    check_command(share)


@pytest.mark.parametrize(
    "share",
    [
        Share(room="r", at="x" * (MAX_ADDRESS + 1)),
        Share(room="r", invitation="x" * (MAX_PASSPHRASE + 1)),
        Share(room="r", invitation="a&b"),
        Share(room="r", invitation="a\n"),
        Share(room="r", invitation="é"),
    ],
)
def test_what_cannot_be_is_refused(share: Share) -> None:
    with pytest.raises(InvalidFrame, match="share"):
        check_command(share)
