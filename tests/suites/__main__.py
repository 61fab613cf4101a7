"""Runs the tests of channels, channels_redis and fast-channels against ours: `python -m tests.suites [SUITE ...]`.

Each suite runs twice, with its own classes and with ours in their places. What fails with ours only must be in the
moving guide, with its reason. Nothing of theirs is kept here: it is fetched into a temporary folder.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from tests.suites.outcomes import GUIDE, Outcome, exceptions, verdict
from tests.suites.sources import NoTests, fetch
from tests.support.redis.servers import RedisSentinel, RedisServer, listens

ROOT = Path(__file__).parents[2]
_OPTIONS = ("-q", "-p", "exchange", "-p", "no:cacheprovider", "--continue-on-collection-errors", "--tb=native")
_INI = {"asyncio_mode": "auto", "addopts": "", "timeout": "15", "asyncio_default_fixture_loop_scope": "function"}
_PORT, _SENTINEL_PORT = 6379, 26_379
_SENTINEL_PASSWORD = "channels_redis"
"""Where their tests expect the servers, and what the second one asks for."""


class Suite(msgspec.Struct, frozen=True):
    """Somebody's tests.

    Attributes:
        distribution: what it is called in the registry.
        package: what is imported.
        left_out: folders with tests that need a browser.
    """

    distribution: str
    package: str
    left_out: Sequence[str] = ()


SUITES = {
    suite.distribution: suite
    for suite in (
        Suite("channels", "channels", ("tests/sample_project/tests",)),
        Suite("channels_redis", "channels_redis"),
        Suite("fast-channels", "fast_channels"),
    )
}


def main() -> int:
    """Run the suites and say how they went; 1 when something fails that has no reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.suites", description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[[], *SUITES], metavar="SUITE", help=", ".join(SUITES))
    chosen = parser.parse_args().suites or list(SUITES)
    excepted = exceptions(GUIDE.read_text("utf-8"))
    wrong = []
    with _servers():
        for name in chosen:
            wrong += [f"{name}: {line}" for line in _compare(SUITES[name], list(excepted.get(name, ())))]
    print("\n".join(wrong) or "Everything else passes with ours.")
    return int(bool(wrong))


def _compare(suite: Suite, excepted: Sequence[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            home, source = fetch(suite.distribution, Path(folder))
        except NoTests as error:
            return [str(error)]
        theirs, ours = _run(suite, home, exchanged=False), _run(suite, home, exchanged=True)
    print(f"{suite.distribution}, from {source}:")
    print(f"  with theirs {theirs.passed} passed, {len(theirs.failed)} failed {sorted(theirs.failed) or ''}")
    print(f"  with ours   {ours.passed} passed, {len(ours.failed)} failed; {len(excepted)} exceptions", flush=True)
    return verdict(theirs, ours, excepted)


def _run(suite: Suite, home: Path, *, exchanged: bool) -> Outcome:
    outcomes = home / "outcomes"
    outcomes.write_bytes(b"")
    left_out = [option for folder in suite.left_out for option in ("--ignore", folder)]
    ini = [option for name, value in _INI.items() for option in ("-o", f"{name}={value}")]
    environ = {
        "LANCHAT_SUITE_PACKAGE": suite.package if exchanged else "",
        "LANCHAT_SUITE_OUTCOMES": str(outcomes),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(ROOT)]),
        "REDIS_URL": f"redis://127.0.0.1:{_PORT}",
    }
    # Its own package, too, comes from what is installed: the copy has the tests only.
    command = [sys.executable, "-m", "pytest", *_OPTIONS, *ini, *left_out, "tests"]
    done = subprocess.run(command, cwd=home, env=os.environ | environ, capture_output=True, text=True, check=False)
    outcome = Outcome.read(outcomes)
    if not outcome.passed:
        raise RuntimeError(f"Nothing of {suite.distribution} has run:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return outcome


@contextmanager
def _servers() -> Iterator[None]:
    taken = [port for port in (_PORT, _SENTINEL_PORT) if listens(port)]
    if taken:
        raise SystemExit(f"Something listens on port {taken[0]} already, where these tests need a Redis of their own.")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        redis = RedisServer(Path(folder) / "redis")
        redis.port = _PORT
        sentinel = RedisSentinel(Path(folder) / "sentinel", redis, name="sentinel")
        sentinel.port = _SENTINEL_PORT
        for server in (redis, sentinel):
            stack.callback(server.stop)
            server.start()
        sentinel.ask("ACL", "SETUSER", "default", f">{_SENTINEL_PASSWORD}")
        yield


if __name__ == "__main__":
    sys.exit(main())
