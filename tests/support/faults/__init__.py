"""The vocabulary of faults: what may happen to a cable, a process, a disk, a file, a clock and a network.

Each fault is a context manager: it begins and ends with its block, also when the block fails. `with cut(wire): …`.
"""

from tests.support.faults.clocks import Clock, jumped
from tests.support.faults.disks import Disk, disk_full, power_cut, read_only
from tests.support.faults.files import damaged, flipped, truncated, zeroed
from tests.support.faults.network import lossy, partition
from tests.support.faults.processes import killed, stopped, stunted
from tests.support.faults.spans import dripping, lasting
from tests.support.faults.wire import Wire, cut, delayed, half_open, reset_after, slow_reader, swallowed

__all__ = [
    "Clock",
    "Disk",
    "Wire",
    "cut",
    "damaged",
    "delayed",
    "disk_full",
    "dripping",
    "flipped",
    "half_open",
    "jumped",
    "killed",
    "lasting",
    "lossy",
    "partition",
    "power_cut",
    "read_only",
    "reset_after",
    "slow_reader",
    "stopped",
    "stunted",
    "swallowed",
    "truncated",
    "zeroed",
]
