"""Headers and cookies, also those that nobody should send."""

import pytest

from lanchat.consumers.access.headers import cookies_of, header_of, headers_of
from lanchat.consumers.scope import Scope


def scope(*headers: tuple[bytes, bytes]) -> Scope:
    return {"type": "http", "headers": headers}


def test_a_header_is_found_in_whatever_case() -> None:
    given = scope((b"x-one", b" 1 "), (b"X-Two", b"2"), (b"x-one", b"3"))
    assert headers_of(given, "X-One") == [" 1 ", "3"]
    assert header_of(given, "x-two") == "2"


def test_a_header_that_is_missing_or_contradicts_itself_is_none() -> None:
    assert header_of(scope((b"host", b"a"), (b"host", b"b")), "host") is None
    assert header_of(scope(), "host") is None
    assert header_of({"type": "http"}, "host") is None


@pytest.mark.parametrize(
    ("line", "cookies"),
    [
        (b"a=1; b=2", {"a": "1", "b": "2"}),
        (b'a="1"; a=2;b', {"a": "1"}),
        (b"=x; ;;; c=d=e ", {"c": "d=e"}),
        (b"a=\xff", {"a": "\xff"}),
        (b"", {}),
    ],
)
def test_cookies_are_read(line: bytes, cookies: dict[str, str]) -> None:
    assert cookies_of(scope((b"cookie", line))) == cookies


def test_cookies_of_several_headers_are_joined() -> None:
    assert cookies_of(scope((b"cookie", b"a=1"), (b"cookie", b"b=2; a=3"))) == {"a": "1", "b": "2"}
