"""Lanchat itself, with a journal on a disk and both apps; run as `python -m tests.bench.product DIR [usual] [PORT]`."""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

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


async def main(data_dir: Path, *, usual: bool, port: int = 0) -> None:
    config = Config(
        bind="127.0.0.1",
        port=port,
        window_port=0,
        data_dir=data_dir,
        name=ROOM,
        nick="Bench",
        room=ROOM,
        limits=Limits() if usual else MORE,
    )
    async with serve(config) as server:
        await stay(port=urlsplit(server.lan_url).port, window=server.new_window_url(), lan=server.lan_url, room=ROOM)


@contextlib.contextmanager
def product(*, usual: bool = False, descriptors: int = 0) -> Iterator[Program]:
    """Run Lanchat with new data until the end of the block.

    Args:
        usual: with the limits that everybody has.
        descriptors: so many it may have; 0: as many as we.
    """
    few = ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"] if descriptors else []
    with tempfile.TemporaryDirectory() as directory:
        command = [*few, sys.executable, "-m", "tests.bench.product", str(Path(directory, "data"))]
        with started([*command, "usual"] if usual else command) as it:
            yield it


@contextlib.contextmanager
def product_at(data_dir: Path, port: int = 0) -> Iterator[Program]:
    """Run Lanchat with data that are there, and with a port for guests that stays, until the end of the block."""
    with started([sys.executable, "-m", "tests.bench.product", str(data_dir), str(port)]) as it:
        yield it


if __name__ == "__main__":
    options = sys.argv[2:]
    ports = [int(option) for option in options if option.isdecimal()]
    asyncio.run(main(Path(sys.argv[1]), usual="usual" in options, port=ports[0] if ports else 0))
