"""What a guest who sends one command at full speed costs twenty polite members in other rooms."""

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from lanchat.limits import Limits
from tests.bench.doors import inside
from tests.bench.doors.owner import Owner
from tests.bench.doors.polite import MOST_MEMORY, TWICE, Polite, at
from tests.bench.product import kept
from tests.bench.programs import ROOT, Program
from tests.bench.rows import BenchFailed, Row, against, plain
from tests.support.certificates import certificate_of, certified

NAME = "doors"
BACK = 60.0
"""Seconds after a flood until nothing is to be seen of it any more: what is to be reached."""
_BUSIER = 1.5
"""Times the CPU of the same second without a flood that counts as none: what waits in a queue costs CPU."""
_CONNECTIONS = 4
_PATIENCE = 30.0
_SLICE = 1.0
_STRANGER = """
import time
while True:
    until = time.perf_counter() + 0.005
    while time.perf_counter() < until:
        pass
    time.sleep(0.005)
"""


def measure(*, kinds: Sequence[str], rounds: int, seconds: float, patience: float = BACK) -> list[Row]:
    """Let polite members post at their pace, in turn without and with each flood.

    Args:
        kinds: the floods, of `flooder.KINDS`.
        rounds: turns of each.
        seconds: how long each half of a turn is.
        patience: so long it is waited until a flood is not to be seen any more.
    """
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as directory:
        data_dir = Path(directory, "data")
        with kept(data_dir, Limits()) as program, contextlib.closing(Polite(program)) as polite:
            polite.post(seconds)  # a node that has just started is slower
            rows.append(_beside_a_stranger(polite, rounds=rounds, seconds=seconds))
            for kind in kinds:
                inside.tell(kind)
                rows += _rows(program, polite, kind, rounds=rounds, seconds=seconds, patience=patience)
            rooms = polite.rooms
            rows += _seen(data_dir, rooms, "after the floods")
        with kept(data_dir, Limits()):
            rows += _seen(data_dir, rooms, "after the floods and a restart")
    return rows


def _beside_a_stranger(polite: Polite, *, rounds: int, seconds: float) -> Row:
    """Tell what a process takes from polite posts that uses half of a core and has nothing to do with the node.

    So much of a ratio is the machine's: whoever floods uses a core as well.
    """
    alone, beside = [], []
    for _ in range(rounds):
        alone.append(at(polite.post(seconds), 99))
        with _stranger():
            beside.append(at(polite.post(seconds), 99))
    what = "a polite post beside a process that uses half of a core: 99 of 100"
    return against(NAME, what, beside, "ms", peer="alone", peers=alone)


@contextlib.contextmanager
def _stranger() -> Iterator[None]:
    stranger = subprocess.Popen([sys.executable, "-c", _STRANGER])
    try:
        yield
    finally:
        stranger.kill()
        stranger.wait()


def _rows(program: Program, polite: Polite, kind: str, *, rounds: int, seconds: float, patience: float) -> list[Row]:
    alone, beside, peaks, backs, before = [], [], [], [], program.memory()
    for _ in range(rounds):
        used = program.cpu()
        alone.append(polite.post(seconds))
        usual = (program.cpu() - used) / seconds
        program.forget_peak()
        lowest = program.peak()
        with _flood(program, kind, seconds):
            beside.append(polite.post(seconds))
        backs.append(_back(program, polite, at(alone[-1], 99), usual, patience))
        peaks.append((program.peak() - lowest) / 1e6)
    grown = (program.memory() - before) / 1e6
    what = f"a polite post beside a flood of {kind}"
    late, peers = [at(each, 99) for each in beside], [at(each, 99) for each in alone]
    return [
        plain(NAME, f"{what}: median", [at(each, 50) for each in beside], "ms"),
        against(NAME, f"{what}: 99 of 100", late, "ms", peer="alone", peers=peers, most=TWICE),
        plain(NAME, f"memory after floods of {kind}", [grown], "MB", most=MOST_MEMORY),
        plain(NAME, f"memory in a flood of {kind}, at most", [max(peaks)], "MB", most=MOST_MEMORY),
        plain(NAME, f"as before after a flood of {kind}", [max(backs)], "s", most=BACK),
    ]


def _back(program: Program, polite: Polite, usual: float, busy: float, patience: float) -> float:
    """Return the seconds until a second in which posts are as quick, and the node as idle, as without a flood."""
    ended = time.monotonic()
    while (since := time.monotonic() - ended) <= patience:
        used = program.cpu()
        took = at(polite.post(_SLICE), 99)
        if took <= TWICE * usual and (program.cpu() - used) / _SLICE <= _BUSIER * busy:
            break
    return since


def _seen(data_dir: Path, rooms: Sequence[str], when: str) -> list[Row]:
    """Look whether the owner's window and another node see the polite members' rooms."""
    with Owner(data_dir) as owner:
        listed = {room.id for room in owner.listed().rooms}
    found = _found(set(rooms))
    return [
        plain(NAME, f"of {len(rooms)} rooms {when}, listed", [len(listed.intersection(rooms))], "", least=len(rooms)),
        plain(NAME, f"of {len(rooms)} rooms {when}, found by others", [len(found)], "", least=len(rooms)),
    ]


def _found(rooms: Collection[str]) -> set[str]:
    """Return those of the rooms that another node on this network finds, once it finds all or has looked long."""
    pem = certificate_of(certified("looking").id).pem.decode()
    looking = subprocess.Popen(
        [sys.executable, "-m", "tests.support.lan.agent", pem, "--bind", "127.0.0.1", "--port", "0"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: set[str] = set()
    patience = threading.Timer(_PATIENCE, looking.kill)
    patience.start()
    with looking, contextlib.ExitStack() as ending:
        ending.callback(looking.kill)
        ending.callback(patience.cancel)
        assert looking.stdout is not None
        for line in looking.stdout:
            said = json.loads(line)
            if said["event"] == "found":
                found = set(said["rooms"]).intersection(rooms)
                if len(found) == len(rooms):
                    break
    return found


@contextlib.contextmanager
def _flood(program: Program, kind: str, seconds: float) -> Iterator[None]:
    options = [str(program.ready["port"]), kind, str(seconds + 1), str(_CONNECTIONS)]
    flooder = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.doors.flooder", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert flooder.stdout is not None
        if flooder.stdout.readline() != "in\n":
            raise BenchFailed(f"Nobody could flood with {kind}.")
        yield
    finally:
        said = flooder.communicate(timeout=_PATIENCE + seconds)[0]
    inside.tell(f"{kind}: {json.loads(said)}")


if __name__ == "__main__":
    inside.begin(measure)
