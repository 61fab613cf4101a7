"""What "kept" means on a Redis server, read from what it says of itself."""

from collections.abc import Mapping, Sequence

import msgspec

from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Reply, Way

WAITAOF_SINCE = (7, 2)
"""The first version that can wait for its disk: https://redis.io/docs/latest/commands/waitaof/."""


_ASKED = ("appendfsync", "maxmemory-policy", "maxmemory", "cluster-require-full-coverage")


class Durability(msgspec.Struct):
    """When what a server has done is on a disk.

    Attributes:
        certain: whether it is before anything is acknowledged.
        waits: whether that has to be waited for (WAITAOF), because the server answers before.
        replicas: how many replicas have to have it on their disks as well.
        warnings: a sentence for each setting by which something can be lost, or that cannot be read.
        known: whether the server was asked yet.
    """

    certain: bool = False
    waits: bool = False
    replicas: int = 0
    warnings: list[str] = []
    known: bool = False

    def take(self, other: "Durability") -> None:
        """Be as the other one is."""
        for field in self.__struct_fields__:
            setattr(self, field, getattr(other, field))


async def read_durability(way: Way, replicas: int) -> Durability:
    """Ask a server when what it does is kept.

    Args:
        way: to it.
        replicas: how many replicas have to have it on their disks as well.

    Raises:
        LayerError: it cannot be asked, or is one on which nothing can be kept.
    """
    info = _info(await _one(way, "INFO", "server")) | _info(await _one(way, "INFO", "persistence"))
    role = _info(await _one(way, "INFO", "replication")).get("role", "master")
    if role != "master":
        raise LayerError(f"Redis at {way} is a read-only replica; name the master, or the sentinels that know it.")
    settings = await _settings(way)
    return judge(str(way), info, settings, replicas)


def judge(server: str, info: Mapping[str, str], settings: Mapping[str, str] | None, replicas: int) -> Durability:
    """Say what a server promises. Pure.

    Args:
        server: how it is called.
        info: the fields of INFO server and INFO persistence.
        settings: what CONFIG GET answered; None when this user may not ask.
        replicas: how many replicas have to have it on their disks as well.
    """
    has_aof = info.get("aof_enabled") == "1"
    can_wait = has_aof and _version(info) >= WAITAOF_SINCE
    always = settings is not None and has_aof and settings.get("appendfsync") == "always"
    warnings = []
    if not has_aof:
        warnings.append(
            f"Redis at {server} writes no append-only file: a crash of it loses what no node has. "
            "Set appendonly yes, and appendfsync always."
        )
    elif not always and not can_wait:
        told = "does not say how often it syncs" if settings is None else "syncs its file once a second"
        warnings.append(
            f"Redis at {server} {told}: a crash of it can lose the last second of what no node has. "
            "Set appendfsync always, or use Redis 7.2 or newer."
        )
    policy = (settings or {}).get("maxmemory-policy", "noeviction")
    if policy != "noeviction" and (settings or {}).get("maxmemory", "0") != "0":
        warnings.append(
            f"Redis at {server} removes what it likes when its memory is full (maxmemory-policy {policy}); "
            "rooms are then filled again from the nodes. Set maxmemory-policy noeviction."
        )
    whole = (settings or {}).get("cluster-require-full-coverage")
    if info.get("redis_mode") == "cluster" and whole == "yes":
        warnings.append(
            f"Redis at {server} answers nothing when another server of its cluster is away "
            "(cluster-require-full-coverage yes). Set it to no, so that only that server's rooms wait."
        )
    if settings is None:
        warnings.append(
            f"Redis at {server} does not let this user read its settings; allow +config|get to have them checked."
        )
    waits = can_wait and (not always or replicas > 0)
    return Durability(always or waits, waits, replicas if waits else 0, warnings, known=True)


def together(several: Sequence[Durability]) -> Durability:
    """Say what several servers promise that have a part each. Pure."""
    certain = all(each.certain for each in several)
    waits = certain and any(each.waits for each in several)
    replicas = max(each.replicas for each in several)
    return Durability(certain, waits, replicas, [warning for each in several for warning in each.warnings], known=True)


async def _settings(way: Way) -> dict[str, str] | None:
    asked = [("CONFIG", "GET", name) for name in _ASKED]
    try:
        pairs = [part.decode() for reply in await way.ask(*asked) for part in reply]
    except LayerError as error:
        if error.retry:
            raise
        return None
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


async def _one(way: Way, *command: str) -> Reply:
    (reply,) = await way.ask(command)
    return reply


def _info(reply: Reply) -> dict[str, str]:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else ""
    return dict(line.partition(":")[::2] for line in text.splitlines() if ":" in line)


def _version(info: Mapping[str, str]) -> tuple[int, ...]:
    # Valkey says in redis_version which Redis it is like, and that is 7.2.4 in all its versions.
    parts = info.get("redis_version", "0").split(".")[:2]
    return tuple(int(part) if part.isdecimal() else 0 for part in parts)
