"""Runs the benches: `python -m tests.bench [NAME ...] [--full] [--json FILE]`; docs/benchmarks.md says more."""

import argparse
import os
import platform
import resource
import sys
import time
from datetime import datetime
from pathlib import Path

import msgspec

from tests.bench import (
    discovery,
    fanout,
    hosts,
    imports,
    joins,
    journal,
    journey,
    keystroke,
    layers,
    memory,
    network,
    page,
    posts,
    scale,
    start,
    takeover,
)
from tests.bench.doors import bench as doors
from tests.bench.peers import bench as peers
from tests.bench.programs import ROOT
from tests.bench.report import Report, as_markdown, as_table

_BENCHES = {
    bench.NAME: bench
    for bench in (
        start,
        imports,
        discovery,
        keystroke,
        page,
        fanout,
        posts,
        journal,
        memory,
        layers,
        doors,
        takeover,
        joins,
        network,
        hosts,
        scale,
        journey,
        peers,
    )
}
_LATEST = ROOT / ".bench" / "latest.json"


def main() -> int:
    """Measure, print the table, write the figures; 1 when a bench failed or a target was missed."""
    options = _options()
    if options.markdown:
        print(as_markdown(msgspec.json.decode(options.json.read_bytes(), type=Report)))
        return 0
    _allow_many_sockets()
    rows, failed = [], False
    for name in options.names or _BENCHES:
        began = time.monotonic()
        print(f"{name} … ", end="", file=sys.stderr, flush=True)
        try:
            rows += _BENCHES[name].measure(quick=not options.full)
        except Exception as error:  # noqa: BLE001 - the others are still to be measured
            failed = True
            print(f"failed: {type(error).__name__}: {error}", file=sys.stderr)
        else:
            print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    report = Report(machine=_machine(), date=datetime.now().astimezone().date().isoformat(), rows=rows)
    print(as_table(report))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    return int(failed or any(row.ok is False for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Lanchat.")
    parser.add_argument("names", nargs="*", choices=[[], *_BENCHES], metavar="NAME", help=", ".join(_BENCHES))
    parser.add_argument("--full", action="store_true", help="many more runs, for figures to keep")
    parser.add_argument("--json", type=Path, default=_LATEST, metavar="FILE", help="where the figures are kept")
    parser.add_argument("--markdown", action="store_true", help="print the kept figures as Markdown; measure nothing")
    return parser.parse_args()


def _allow_many_sockets() -> None:
    """Several servers with a thousand members each are open at once; the servers inherit the limit."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
