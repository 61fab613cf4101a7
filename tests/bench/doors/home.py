"""What a hostile home costs the node that has a mirror of its room, and those who are in other rooms there."""

import contextlib
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from lanchat.limits import Limits
from lanchat.log import FILE
from lanchat.protocol import MAX_PAGE, History, Join, Open, Opened, Page, Reply
from tests.bench.doors import inside
from tests.bench.doors.owner import Owner
from tests.bench.doors.polite import MOST_MEMORY, TWICE, Polite, at
from tests.bench.doors.tricks import HISTORY
from tests.bench.product import kept
from tests.bench.programs import Program, running
from tests.bench.rows import BenchFailed, Row, against, plain
from tests.support.lan.hostile import ROOM

NAME = "doors"
QUOTA = 32 * 1024**2
"""Bytes that the mirror may have, and the copies that are set aside: so few that a home can try more in a minute."""
MOST_LOG = 1.0
"""Megabytes of log: what is to be reached."""
_LIMITS = msgspec.structs.replace(Limits(), mirror_bytes=QUOTA, home_bytes=QUOTA, set_aside_bytes=QUOTA)
_PATIENCE = 30.0
_SETTLE = 1.0


class Left(msgspec.Struct):
    """What one trick has left.

    Attributes:
        disk: megabytes by which the database has grown beyond what the polite made of it.
        aside: megabytes of files set aside.
        log: megabytes of log.
        lost: messages of the mirror's history that are nowhere any more.
    """

    disk: float
    aside: float
    log: float
    lost: int


def measure(*, tricks: Sequence[str], rounds: int, seconds: float) -> list[Row]:
    """Let polite members post in their own rooms of the node, in turn beside a good and a hostile home.

    Args:
        tricks: of `tricks.TRICKS`; each has a new node.
        rounds: turns of each.
        seconds: how long the trick lasts in each turn; the good home has half as long.
    """
    rows: list[Row] = []
    left: list[Left] = []
    for trick in tricks:
        inside.tell(trick)
        more, after = _one(trick, rounds, seconds)
        rows += more
        left.append(after)
    lost = sum(each.lost for each in left)
    quota = QUOTA / 1e6
    return [
        *rows,
        plain(NAME, "a hostile home: the database, at most", [max(each.disk for each in left)], "MB", most=quota),
        plain(NAME, "a hostile home: set aside, at most", [max(each.aside for each in left)], "MB", most=quota),
        plain(NAME, "a hostile home: log of one trick, at most", [max(each.log for each in left)], "MB", most=MOST_LOG),
        plain(NAME, "a hostile home: of the mirrors' history lost", [lost], "messages", most=0),
    ]


def _one(trick: str, rounds: int, seconds: float) -> tuple[list[Row], Left]:
    with tempfile.TemporaryDirectory() as directory, running("tests.bench.doors.tricks") as home:
        data_dir = Path(directory, "data")
        with kept(data_dir, _LIMITS) as program, contextlib.closing(Polite(program)) as polite:
            with Owner(data_dir) as owner:
                _mirror(owner, home.ready["port"])
                polite.post(_SETTLE)
                alone, beside, grown, disk = [], [], [], 0.0
                for _ in range(rounds):
                    alone.append(polite.post(seconds / 2))
                    program.forget_peak()
                    lowest, size = program.peak(), _database(data_dir)
                    _do(home, trick)
                    beside.append(polite.post(seconds))
                    came = _do(home, "")
                    grown.append((program.peak() - lowest) / 1e6)
                    disk += max(0, _database(data_dir) - size) / 1e6
            left = Left(disk, _aside(data_dir), _log(data_dir), _lost(data_dir))
    what = f"a polite post beside a home with {trick}"
    inside.tell(f"came {came} times; {left}")
    late, peers = [at(each, 99) for each in beside], [at(each, 99) for each in alone]
    return [
        against(NAME, f"{what}: 99 of 100", late, "ms", peer="beside a good one", peers=peers, most=TWICE),
        plain(NAME, f"memory beside a home with {trick}, at most", [max(grown)], "MB", most=MOST_MEMORY),
    ], left


def _do(home: Program, trick: str) -> int:
    """Let the home do a trick, or nothing bad; gives how often somebody has joined it by then."""
    came: int = home.do(do=trick)["came"]
    return came


def _mirror(owner: Owner, port: int) -> None:
    """Let the owner enter the room, and see its history."""
    opened = owner.ask(Open(room=ROOM, address=f"127.0.0.1:{port}"))
    if not isinstance(opened, Opened):
        raise BenchFailed(f"The room of the home cannot be opened: {opened}")
    deadline = time.monotonic() + _PATIENCE
    owner.send(Join(room=ROOM))
    while _texts(owner) != HISTORY:
        if time.monotonic() > deadline:
            raise BenchFailed("The mirror did not get the history of its home.")


def _texts(owner: Owner) -> int:
    """How many of the messages that were said before anything bad the mirror has."""
    return len(_kept(owner.ask(History(room=ROOM, after=0, limit=MAX_PAGE))))


def _kept(page: Reply) -> set[str]:
    events = page.events if isinstance(page, Page) else []
    return {event.body.text for event in events if event.body.text.startswith("kept ")}


def _lost(data_dir: Path) -> int:
    """How many of them are neither in the mirror nor in what was set aside."""
    with Owner(data_dir) as owner:
        owner.ask(Join(room=ROOM))
        texts = _kept(owner.ask(History(room=ROOM, after=0, limit=MAX_PAGE)))
    for copy in (data_dir / "set-aside").glob("*.jsonl"):
        for line in copy.read_text("utf-8").splitlines():
            text = json.loads(line).get("body", {}).get("text", "")
            texts |= {text} if text.startswith("kept ") else set()
    return HISTORY - len(texts)


def _database(data_dir: Path) -> int:
    """Bytes of the database itself; its log is written back into it, and bounded."""
    return max((path.stat().st_size for path in data_dir.glob("*.db")), default=0)


def _log(data_dir: Path) -> float:
    return sum(path.stat().st_size for path in data_dir.glob(f"{FILE}*")) / 1e6


def _aside(data_dir: Path) -> float:
    return sum(path.stat().st_size for path in (data_dir / "set-aside").glob("*")) / 1e6


if __name__ == "__main__":
    inside.begin(measure)
