"""Lanchat itself, with a journal on a disk and both apps: run as `python -m tests.bench.product`.

The options are DIRECTORY [LIMITS] [PORT] [REDIS].
LIMITS are a table as JSON; without it there is next to no limit. With it a log is written, as by `lanchat serve`. PORT
is for guests; any without it. REDIS is the URL of one through which rooms are shared.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from lanchat import interpreter, log
from lanchat.config import Config
from lanchat.limits import Limits
from lanchat.web import serve
from tests.bench.programs import Program, started
from tests.bench.served import stay

ROOM = f"bench {os.getpid()}"
"""The first room. Other nodes on this machine are found through loopback, and must not have one of this name."""


MORE = msgspec.structs.replace(
    Limits(),
    **{
        f"{what}_{how}": 1e6
        for what in ("post", "room_post", "search", "page", "frame", "join", "room_join", "handshake")
        for how in ("rate", "burst")
    },
    byte_rate=1e8,
    byte_burst=1e8,
)
"""More than a guest may ask for: what is measured is the node, and not its patience."""


async def main(data_dir: Path, limits: Limits, port: int, redis: str = "") -> None:
    config = Config(
        bind="127.0.0.1",
        port=port,
        window_port=0,
        data_dir=data_dir,
        name=ROOM,
        nick="Bench",
        room=ROOM,
        limits=limits,
        redis=redis,
    )
    async with serve(config) as server:
        interpreter.settle()
        await stay(port=urlsplit(server.lan_url).port, window=server.new_window_url(), lan=server.lan_url, room=ROOM)


@contextlib.contextmanager
def product(*, usual: bool = False, descriptors: int = 0) -> Iterator[Program]:
    """Run Lanchat with new data until the end of the block.

    Args:
        usual: with the limits that everybody has.
        descriptors: so many it may have; 0: as many as we.
    """
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        limits = Limits() if usual else None
        yield stack.enter_context(kept(Path(directory, "data"), limits, descriptors=descriptors))


@contextlib.contextmanager
def kept(data_dir: Path, limits: Limits | None, *, descriptors: int = 0) -> Iterator[Program]:
    """Run Lanchat with the data of a directory until the end of the block.

    Args:
        data_dir: the directory.
        limits: what others may ask; None: next to everything, and no log is written.
        descriptors: so many it may have; 0: as many as we.
    """
    few = ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"] if descriptors else []
    bounds = [] if limits is None else [msgspec.json.encode(limits).decode()]
    with started([*few, sys.executable, "-m", "tests.bench.product", str(data_dir), *bounds]) as it:
        yield it


def _begin(data_dir: Path, *options: str) -> None:
    port = next((int(option) for option in options if option.isdecimal()), 0)
    redis = next((option for option in options if option.startswith("redis:")), "")
    bounds = next((option for option in options if option.startswith("{")), "")
    if bounds:
        log.begin(data_dir, to_terminal=False)
    asyncio.run(main(data_dir, msgspec.json.decode(bounds, type=Limits) if bounds else MORE, port, redis))


def shared_product(data_dir: Path, redis: str) -> contextlib.AbstractContextManager[Program]:
    """Run Lanchat with rooms that it shares through the Redis of a URL, until the end of the block."""
    return started([sys.executable, "-m", "tests.bench.product", str(data_dir), redis])


@contextlib.contextmanager
def product_at(data_dir: Path, port: int = 0) -> Iterator[Program]:
    """Run Lanchat with data that are there, and with a port for guests that stays, until the end of the block."""
    with started([sys.executable, "-m", "tests.bench.product", str(data_dir), str(port)]) as it:
        yield it


if __name__ == "__main__":
    _begin(Path(sys.argv[1]), *sys.argv[2:])
