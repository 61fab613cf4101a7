"""A browser that was let in may come back: also to the next run, at the same port, until it is signed out."""

import hashlib
import stat
from pathlib import Path

import pytest

from lanchat.web.windows import sign_ins as module
from lanchat.web.windows.sign_ins import FILE, SignIn, SignIns

DAY = 86_400_000


class Now:
    def __init__(self) -> None:
        self.at = 1_795_000_000_000

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    now = Now()
    monkeypatch.setattr(module, "_now", now)
    return now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE


def test_the_next_run_knows_a_browser_by_a_hash_of_its_bearer(path: Path) -> None:
    bearer = SignIns(path, 7).add("Firefox on Linux", keep=True)
    again = SignIns(path, 7)
    assert again.knows(bearer)
    assert again.renew(bearer)
    assert [window.name for window in again] == ["Firefox on Linux"]
    assert bearer not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_keeps_nothing_is_known_to_this_run_only(path: Path) -> None:
    one = SignIns(path, 7)
    bearer = one.add("", keep=False)
    assert one.knows(bearer)
    assert not SignIns(path, 7).knows(bearer)


def test_at_another_port_everybody_is_signed_out_for_good(path: Path) -> None:
    bearer = SignIns(path, 7).add("", keep=True)
    assert not SignIns(path, 8).knows(bearer)
    SignIns(path, 8).add("", keep=True)
    assert not SignIns(path, 7).knows(bearer)


def test_a_signed_out_browser_is_unknown_now_and_later(path: Path) -> None:
    windows = SignIns(path, 7)
    one, two, three = (windows.add("", keep=True) for _ in range(3))
    assert windows.sign_out(next(window.id for window in windows if windows.is_of(window, one))) == 1
    assert [windows.knows(bearer) for bearer in (one, two, three)] == [False, True, True]
    assert windows.sign_out("0" * 16) == 0
    assert windows.sign_out() == 2
    assert not any(SignIns(path, 7).knows(bearer) for bearer in (one, two, three))


def test_who_stays_away_for_long_is_signed_out(path: Path, now: Now) -> None:
    windows = SignIns(path, 7)
    here, away = (windows.add("", keep=True) for _ in range(2))
    now.at += 60 * DAY
    windows.renew(here)
    now.at += 31 * DAY
    again = SignIns(path, 7)
    assert (again.knows(here), again.knows(away)) == (True, False)


def test_so_many_are_known_and_the_one_that_was_away_longest_goes(now: Now) -> None:
    windows = SignIns(None, 7)
    bearers = []
    for _ in range(65):
        bearers.append(windows.add("", keep=True))
        now.at += 1
    assert [windows.knows(bearer) for bearer in bearers] == [False] + [True] * 64


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"port": 7}', b'{"port":"7","windows":[{}]}', b"\xff"])
def test_a_file_that_cannot_be_read_signs_everybody_out_and_is_replaced(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    windows = SignIns(path, 7)
    assert list(windows) == []
    bearer = windows.add("", keep=True)
    assert SignIns(path, 7).knows(bearer)


def test_where_nothing_can_be_written_it_holds_for_this_run(tmp_path: Path) -> None:
    windows = SignIns(tmp_path / "absent" / FILE, 7)
    assert windows.knows(windows.add("", keep=True))


def test_the_proof_is_what_the_page_reckons() -> None:
    """The same figures as in assets/src/connection/proof.test.ts."""
    windows = SignIns(None, 28281)
    digest = hashlib.sha256(b"bearer").digest()
    windows._known = {digest: SignIn(digest=digest, name="", since=0, seen=0)}
    proof = "f9f86473051ac328079ba80827c7ae03a389dac5aa515f09351dd02eff1efa92"
    assert windows.prove("469020798e05dff0", "0" * 32) == proof
    assert windows.prove("0" * 16, "0" * 32) is None
    assert SignIns(None, 1).prove("469020798e05dff0", "0" * 32) is None
