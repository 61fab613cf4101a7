"""Settings: defaults, then the file `lanchat.toml`, then LANCHAT_* in the environment, then the command line."""

import getpass
import os
import re
import socket
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import platformdirs

from lanchat.errors import InvalidSetting
from lanchat.limits import Limits

LAN_PORT = 28_280
"""Preferred port of the room app. Below 49152: Windows reserves slices of the range above."""
WINDOW_PORT = 28_281
"""Preferred port of the window's app. Fixed, because a browser's storage belongs to scheme, host and port."""
REDIS_SCHEMES = frozenset({"redis", "rediss", "unix", "sentinel", "cluster"})
"""What the URL of a Redis begins with."""
HERE = "here"
"""In place of the URL of a Redis to which a room is moved: this node."""
_REDIS_PORT = 6379
_ENVIRONMENT = "LANCHAT_"
_LIMITS = "LANCHAT_LIMITS_"
_HIGHEST_PORT = 65_535


def _nick() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "Someone"
    try:
        import pwd  # noqa: PLC0415 - absent on Windows

        full = pwd.getpwnam(user).pw_gecos.partition(",")[0].strip()
    except (ImportError, KeyError):
        full = ""
    return (full or user)[:24] or "Someone"


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set. Frozen; make another with `msgspec.structs.replace`.

    Attributes:
        port: TCP port of the room app on the network; None takes LAN_PORT or the next free one, 0 any free one.
        window_port: the same for the window's app on loopback, from WINDOW_PORT.
        bind: address of the one interface to use; empty uses all of the network's. Discovery follows it.
        data_dir: directory of the database, the log and what the window keeps.
        name: the name of this node in other people's lists.
        nick: how this person is called; the name last chosen in the window wins over the default.
        room: room to open at start; empty opens the last one, or at the very first start `general`.
        downloads: folder where exported rooms go; when it is not there, they go into the data directory.
        keep_days: days that messages are kept on this node; 0 keeps them for ever.
        keep_messages: entries that are kept of each room on this node; 0 keeps all.
        redis: URL of a Redis through which several nodes share their rooms and layers; empty: this node shares none.
        redis_prefix: what the names of all keys of rooms begin with there; nodes with another one share others.
        redis_programs: whether programs of others at that Redis may speak and hear in its rooms, as guests.
        proxies: addresses and networks of the proxies in front of this node, with spaces or commas between them: of
            them is believed for whom they speak, and guests reach this node through them only.
        hosts: names by which such a proxy leads here.
        readers: addresses and networks of other machines that may read the numbers of this node.
        redis_replicas: how many replicas of it have to have on their disks what is acknowledged.
        log_format: how `serve` writes its log: `text`, or `json`, which goes to stderr as a whole.
        showcase: whether the tutorial's sockets answer, on which anybody on the network may say and start something.
        limits: what bounds that others can ask of this node; `[limits]` in the file, LANCHAT_LIMITS_* outside.
    """

    port: int | None = None
    window_port: int | None = None
    bind: str = ""
    data_dir: Path = msgspec.field(default_factory=lambda: Path(platformdirs.user_data_path("lanchat", False)))
    name: str = msgspec.field(default_factory=lambda: socket.gethostname().partition(".")[0] or "lanchat")
    nick: str = ""
    room: str = ""
    downloads: Path = msgspec.field(default_factory=lambda: Path(platformdirs.user_downloads_path()))
    keep_days: int = 0
    keep_messages: int = 0
    redis: str = ""
    redis_prefix: str = "lanchat"
    redis_replicas: int = 0
    redis_programs: bool = False
    proxies: str = ""
    hosts: str = ""
    readers: str = ""
    log_format: Literal["text", "json"] = "text"
    showcase: bool = False
    limits: Limits = msgspec.field(default_factory=Limits)

    @property
    def shares_rooms(self) -> bool:
        """Whether its rooms are those of a Redis; other servers carry its layers only."""
        return self.redis.partition("://")[0].partition("+")[0] in REDIS_SCHEMES

    @property
    def database(self) -> Path:
        """The file in which rooms, messages and what the node remembers are kept."""
        return self.data_dir / "lanchat.db"

    @property
    def default_nick(self) -> str:
        """The name of the operating system's user, for a person who never chose one."""
        return self.nick or _nick()


def load_config(given: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Config:
    """Merge all sources of settings.

    Args:
        given: the options of the command line; None values count as not given.
        environ: the environment.

    Raises:
        InvalidSetting: a source names an unknown setting or a value of the wrong type; the sentence names the place.
    """
    options = {key: value for key, value in given.items() if value is not None}
    file, environment = _file(environ), _environment(environ)
    merged = file | environment | options
    if "limits" in environment:
        merged["limits"] = file.get("limits", {}) | environment["limits"]
    for key in ("port", "window_port"):
        port = merged.get(key)
        if isinstance(port, int) and not 0 <= port <= _HIGHEST_PORT:
            raise InvalidSetting(f"{key} is {port}; a port is a number from 0 to 65535, and 0 takes any free one.")
    for key in ("keep_days", "keep_messages"):
        keep = merged.get(key)
        if isinstance(keep, int) and keep < 0:
            raise InvalidSetting(f"{key} is {keep}; it is a number from 0 on, and 0 keeps everything.")
    prefix = merged.get("redis_prefix")
    if isinstance(prefix, str) and not re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", prefix):
        raise InvalidSetting(f"redis_prefix is {prefix!r}; it is 1 to 64 of the letters a to z, digits, and - _ . :")
    config = _convert(merged, "The settings", strict=True)
    for key in ("proxies", "readers"):
        networks_in(getattr(config, key), key)
    return config


def words_in(text: str) -> list[str]:
    """Return what stands between the spaces and commas of a setting."""
    return text.replace(",", " ").split()


def redis_place(url: str) -> str:
    """Return where the Redis of a URL is, in one form and without name, password and options.

    Raises:
        InvalidSetting: it is no URL of a Redis.
    """
    try:
        parts = urlsplit(url)
        scheme, places = parts.scheme.partition("+")[0], parts.netloc.rpartition("@")[2].lower()
        if scheme not in REDIS_SCHEMES:
            raise InvalidSetting(
                "A Redis is given as redis://HOST:PORT, rediss://, unix://, sentinel:// or cluster://."
            )
        if scheme in {"redis", "rediss"}:
            port = "" if parts.port else f":{_REDIS_PORT}"
            places = f"{places.rstrip(':') or 'localhost'}{port}"
    except ValueError as error:
        raise InvalidSetting(f"The URL of the Redis cannot be read: {error}.") from None
    path = parts.path.rstrip("/") or ("/0" if scheme in {"redis", "rediss"} else "")
    return f"{scheme}://{places}{path}"


def networks_in(text: str, setting: str) -> list[IPv4Network | IPv6Network]:
    """Return the networks that a setting names; an address is one of its own.

    Raises:
        InvalidSetting: something in it is none.
    """
    try:
        return [ip_network(word) for word in words_in(text)]
    except ValueError as error:
        raise InvalidSetting(
            f"{setting} is {text!r}: {error}; it takes addresses and networks, as in 10.0.0.7 fd00::/64."
        ) from None


def _file(environ: Mapping[str, str]) -> dict[str, Any]:
    path = Path(environ.get("LANCHAT_CONFIG") or platformdirs.user_config_path("lanchat", False) / "lanchat.toml")
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"The settings file {path} cannot be read: {error}.") from None
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSetting(f"The settings file {path} is not TOML: {error}.") from None
    _convert(settings, f"The settings file {path}", strict=True)
    return settings


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    fields = set(Config.__struct_fields__) - {"limits"}
    found = {
        key.removeprefix(_ENVIRONMENT).lower(): value
        for key, value in environ.items()
        if key.startswith(_ENVIRONMENT) and key.removeprefix(_ENVIRONMENT).lower() in fields
    }
    limits = {
        key.removeprefix(_LIMITS).lower(): value
        for key, value in environ.items()
        if key.startswith(_LIMITS) and key.removeprefix(_LIMITS).lower() in Limits.__struct_fields__
    }
    config = _convert(found | ({"limits": limits} if limits else {}), "The environment", strict=False)
    said = {key: getattr(config, key) for key in found}
    return said | ({"limits": {key: getattr(config.limits, key) for key in limits}} if limits else {})


def _convert(settings: Mapping[str, Any], where: str, *, strict: bool) -> Config:
    try:
        return msgspec.convert(dict(settings), Config, strict=strict, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise InvalidSetting(f"{where}: {error}.") from None


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).expanduser()
    raise NotImplementedError
