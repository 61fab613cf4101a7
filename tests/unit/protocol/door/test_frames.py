import pytest

from lanchat.errors import InvalidFrame
from lanchat.protocol import (
    MAX_INVITATION,
    Command,
    Confirm,
    Enter,
    Issue,
    Knock,
    Open,
    Passphrase,
    Post,
    Revoke,
    Rules,
    check_command,
)

GOOD: list[Command] = [
    Enter(room="r", passphrase="x"),
    Enter(room="r", invitation="x" * 200),
    Knock(room="r", share="0a" * 33),
    Confirm(room="r", tag="0a" * 32),
    Rules(room="r", after=5),
    Passphrase(room="r", passphrase="eight ch"),
    Passphrase(room="r", key="0a" * 32),
    Issue(room="r", seconds=MAX_INVITATION),
    Revoke(room="r", ticket="x"),
    Post(room="r", nonce="n", kind="rule", text='{"change":"locked"}'),
]
BAD: list[Command] = [
    Enter(room="r"),
    Enter(room="r", passphrase="x", invitation="y"),
    Enter(room="r", passphrase="x" * 201),
    Knock(room="r", share=""),
    Knock(room="r", share="0A" * 33),
    Knock(room="r", share="0a" * 34),
    Confirm(room="r", tag="zz" * 32),
    Rules(room="r", after=-1),
    Passphrase(room="r", passphrase="seven c"),
    Passphrase(room="r"),
    Passphrase(room="r", passphrase="eight ch", key="0a" * 32),
    Passphrase(room="r", key="0a" * 33),
    Passphrase(room="r", passphrase="x" + " " * 20),
    Issue(room="r", seconds=0),
    Issue(room="r", seconds=MAX_INVITATION + 1),
    Revoke(room="r", ticket=""),
    Post(room="r", nonce="n", kind="rule", text="hello"),
    Post(room="r", nonce="n", kind="rule", text='{"change":"locked"}', target="m"),
    Open(room="r", address="x" * 256),
    Open(room="r", address=",".join(["192.0.2.5"] * 9)),
]


@pytest.mark.parametrize("command", GOOD, ids=str)
def test_what_is_right_passes(command: Command) -> None:
    check_command(command)


@pytest.mark.parametrize("command", BAD, ids=str)
def test_what_is_wrong_is_refused(command: Command) -> None:
    with pytest.raises(InvalidFrame):
        check_command(command)
