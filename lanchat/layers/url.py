"""A layer by its URL, as on a command line or in a configuration."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lanchat.layers.base import BaseChannelLayer
from lanchat.layers.errors import LayerError
from lanchat.layers.memory import InMemoryChannelLayer

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

GROUP = "lanchat.layers"
"""The group of entry points by which a package adds layers: the name is a URL's scheme, the object takes the URL and
options and returns a layer. It raises LayerError when the URL cannot be read or something is missing."""

LayerMaker = Callable[..., BaseChannelLayer]

_OPTIONS: dict[str, type] = {
    "expiry": float,
    "group_expiry": float,
    "capacity": int,
    "overflow": str,
    "max_message_size": int,
    "serializer_format": str,
}


def layer_from_url(url: str, **options: Any) -> BaseChannelLayer:  # noqa: ANN401 - the layer's class checks them
    """Make the layer that `url` names, without connecting to anything.

    Args:
        url: `memory://`, or what an installed package adds; with the extra `redis`: `redis+pubsub://host:port/db`,
            `redis+queue://…`. What stands behind a question mark are options of the layer.
        options: what the layer's class takes; they win over the URL's.

    Raises:
        LayerError: nothing installed knows such a URL, it cannot be read, or a package that it needs is missing.
        TypeError: an option does not exist.
    """
    scheme = scheme_of(url)
    layer = _maker(scheme)(url, **options)
    if not isinstance(layer, BaseChannelLayer):
        raise LayerError(f"What is installed for {scheme}:// gave {type(layer).__name__}, which is no channel layer.")
    return layer


def scheme_of(url: str) -> str:
    """Return what stands before `://`, in lower case. Raises LayerError when nothing does."""
    scheme, mark, _ = url.partition("://")
    if not (scheme and mark):
        raise LayerError(f"A layer's URL begins with a scheme, for example memory://, unlike {url!r}.")
    return scheme.lower()


def schemes() -> list[str]:
    """Return the schemes for which a layer is installed, sorted."""
    return sorted({"memory", *_installed().names})


def options_in(query: dict[str, str], kinds: dict[str, type] | None = None) -> dict[str, Any]:
    """Take the options of a layer out of a URL's `query`.

    Args:
        query: what stands behind the question mark; what is taken is removed.
        kinds: options beside those of every layer, with their types.

    Raises:
        ValueError: a value is not of its option's type.
    """
    known = {**_OPTIONS, **(kinds or {})}
    return {name: known[name](query.pop(name)) for name in list(query) if name in known}


def _maker(scheme: str) -> LayerMaker:
    if scheme == "memory":
        return _in_memory
    for entry_point in _installed().select(name=scheme):
        try:
            made: LayerMaker = entry_point.load()
        except (ImportError, AttributeError) as error:
            raise LayerError(f"What is installed for {scheme}:// cannot be loaded: {error}.") from error
        return made
    raise LayerError(f"No layer is installed for {scheme}://; known are {', '.join(schemes())}.")


def _installed() -> "EntryPoints":
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to import, and most programs need no URL

    return entry_points(group=GROUP)


def _in_memory(url: str, **options: Any) -> InMemoryChannelLayer:  # noqa: ANN401
    from urllib.parse import parse_qsl, urlsplit  # noqa: PLC0415 - as above

    try:
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        given = options_in(query)
        if query:
            raise LayerError(f"The in-memory layer has no option {', '.join(sorted(query))}.")
        return InMemoryChannelLayer(**{**given, **options})
    except ValueError as error:
        raise LayerError(f"The in-memory layer's URL cannot be read: {str(error).rstrip('.')}.") from None
