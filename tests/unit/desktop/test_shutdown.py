import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from lanchat.desktop.shutdown import PATIENCE, Shutdown
from tests.support.places import ROOT


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_wish_comes_once() -> None:
    requests: list[str] = []
    shutdown = Shutdown(lambda: requests.append("end"))
    assert not shutdown.requested
    shutdown.request()
    shutdown.request()
    assert shutdown.requested
    assert requests == ["end"]


def test_whoever_waits_is_woken_by_another_thread() -> None:
    shutdown = Shutdown()
    other = threading.Timer(0.05, shutdown.request)
    other.start()
    shutdown.wait()
    other.join()


def run(code: str) -> subprocess.Popen[str]:
    """Run code that prints a line when its signals are taken over."""
    begin = "import time\nfrom lanchat.desktop.shutdown import Shutdown\nshutdown = Shutdown()\nshutdown.install()\n"
    process = subprocess.Popen(
        [sys.executable, "-c", begin + "print('ready', flush=True)\n" + code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_request(number: int) -> None:
    with run("shutdown.wait()\n") as process:
        process.send_signal(number)
        assert process.wait(10) == 0


def test_what_hangs_is_ended_all_the_same() -> None:
    with run("while True: time.sleep(0.01)\n") as process:
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - begun > PATIENCE * 0.9
    assert PATIENCE < 2
