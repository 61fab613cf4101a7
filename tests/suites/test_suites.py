"""The moving guide lists every test of others that may fail, and the tool that runs them finds what is not listed."""

import os
import subprocess
import sys
from pathlib import Path

from tests.suites.outcomes import GUIDE, Outcome, exceptions, verdict

HERE = Path(__file__).parent
MOST = 15
EXCHANGED = """
import exchange, importlib, sys
print(*exchange.exchange(sys.argv[1]))
module = importlib.import_module(sys.argv[2])
assert getattr(module, sys.argv[3]).__module__.startswith("lanchat."), module
"""


def exchanged(package: str, module: str, name: str) -> set[str]:
    """Exchange in a fresh interpreter, and return what was."""
    environ = {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])}
    command = [sys.executable, "-c", EXCHANGED, package, module, name]
    return {
        *subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=True).stdout.split()
    }


def test_the_guide_gives_few_reasons_and_each_has_its_tests() -> None:
    found = exceptions(GUIDE.read_text("utf-8"))
    assert {*found} == {"channels", "channels_redis", "fast-channels"}
    reasons = {reason for tests in found.values() for reason in tests.values()}
    assert 0 < len(reasons) <= MOST
    assert all(len(reason) > 20 for reason in reasons)


def test_ours_take_the_places_of_theirs() -> None:
    consumers = {"AsyncConsumer", "AsyncWebsocketConsumer", "StopConsumer", "OriginValidator", "InMemoryChannelLayer"}
    routers = {"URLRouter", "WebsocketConsumer"}
    assert exchanged("channels", "channels.generic.websocket", "WebsocketConsumer") >= consumers | routers
    assert exchanged("channels_redis", "channels_redis.core", "RedisChannelLayer") >= {"RedisPubSubChannelLayer"}
    registry = {"channel_layers", "register_channel_layer"}
    assert exchanged("fast_channels", "fast_channels.layers.redis.core", "ChannelFull") >= consumers | registry


def test_what_fails_with_ours_only_wants_a_reason(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("passed t.py::test_a\npassed t.py::test_b[1]\nfailed t.py::test_c\n")
    (tmp_path / "ours").write_text("passed t.py::test_a\nfailed t.py::test_b[1]\nfailed t.py::test_c\n")
    theirs, ours = Outcome.read(tmp_path / "theirs"), Outcome.read(tmp_path / "ours")
    assert (theirs.passed, ours.passed, sorted(ours.failed)) == (2, 1, ["test_b", "test_c"])
    assert verdict(theirs, ours, ["test_b"]) == []
    assert verdict(theirs, ours, []) == ["test_b passes with theirs, fails with ours, and is no exception"]
    assert verdict(theirs, ours, ["test_a", "test_b"]) == ["test_a is an exception, and passes"]
