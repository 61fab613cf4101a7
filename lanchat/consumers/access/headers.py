"""Headers of a connection, out of its scope."""

from lanchat.consumers.scope import Scope


def headers_of(scope: Scope, name: str) -> list[str]:
    """Return the values of every header of this name, in their order."""
    wanted = name.lower().encode("latin-1")
    return [bytes(value).decode("latin-1") for key, value in scope.get("headers") or () if key.lower() == wanted]


def header_of(scope: Scope, name: str) -> str | None:
    """Return the value of the header of this name; None when there is none, or several that may contradict."""
    values = headers_of(scope, name)
    return values[0].strip() if len(values) == 1 else None


def cookies_of(scope: Scope) -> dict[str, str]:
    """Return the cookies by their names (RFC 6265, section 4.2.1); of several of one name the first, the most exact."""
    found: dict[str, str] = {}
    for line in headers_of(scope, "cookie"):
        for pair in line.split(";"):
            name, mark, value = pair.strip().partition("=")
            if mark and name:
                found.setdefault(name, value.strip('"'))
    return found
