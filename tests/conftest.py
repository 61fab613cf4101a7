"""What all tests share: settings that touch nothing of the machine, and the check that nothing is left behind."""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
import pytest_asyncio

from lanchat.config import Config
from tests.support.clock import Clock
from tests.support.conditions import LONG, eventually, wait_until
from tests.support.labs import REPORTS, Labs, Reporter, belongs_in_lab
from tests.support.order import MORE_WORKERS, in_turns, takes_long
from tests.support.threads import started_threads

if TYPE_CHECKING:
    from lanchat.web.server import Server
    from tests.support.redis.cluster import RedisCluster
    from tests.support.redis.servers import RedisServer

_DESCRIPTORS = Path("/proc/self/fd")
_LEFT_OPEN_BY_LIBRARIES = ("/dev/", "/proc/", "/sys/", "/usr/", "anon_inode:inotify")
_PATIENCE = LONG
_REDIS = {"own_server", "shared_server"}
_LABS = pytest.StashKey[Labs]()


def pytest_configure(config: pytest.Config) -> None:
    """A session in a lab reports to the one that started it."""
    config.stash[_LABS] = Labs(config)
    if REPORTS in os.environ:
        config.pluginmanager.register(Reporter(Path(os.environ[REPORTS]), config))


def pytest_xdist_auto_num_workers() -> int:
    """More workers than cores: many tests wait."""
    return (os.cpu_count() or 1) + MORE_WORKERS


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A worker beside others takes the modules in turns."""
    if hasattr(config, "workerinput"):
        place = {module: number for number, module in enumerate(in_turns(dict.fromkeys(map(_module, items))))}
        items.sort(key=lambda item: place[_module(item)])


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Take what the lab reports of a test in place of running it here."""
    if not belongs_in_lab(item):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in item.config.stash[_LABS].reports(item):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session", autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a person has set for their own Lanchat reaches a test; this environment's programs come first."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LANCHAT_")]:
            patch.delenv(name)
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        patch.setenv("PATH", os.fspath(Path(sys.executable).parent), prepend=os.pathsep)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background, where no Ctrl-C comes
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["RedisServer"]:
    from tests.support.redis.servers import RedisServer  # loads slowly

    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(shared_server: "RedisServer") -> "RedisServer":
    """A Redis that stays up, one for each worker, empty."""
    shared_server.ask("FLUSHALL")
    return shared_server


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator["RedisServer"]:
    """A Redis that the test may stop and start."""
    from tests.support.redis.servers import RedisServer

    server = RedisServer(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator["RedisCluster"]:
    from tests.support.redis.cluster import RedisCluster

    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def cluster(shared_cluster: "RedisCluster") -> "RedisCluster":
    """A cluster of Redis that stays up, one for each worker, empty. Which server has which slot may be any."""
    for server in shared_cluster.servers:
        server.ask("FLUSHALL")
    return shared_cluster


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A directory of one node, not yet made."""
    return tmp_path / "data"


@pytest.fixture
def config(data_dir: Path, tmp_path: Path) -> Config:
    """A node on loopback that takes any free ports."""
    return node_in(data_dir, tmp_path / "downloads")


@pytest.fixture
def showcase(config: Config) -> Config:
    """The same, whose node answers at the sockets of the tutorial."""
    return msgspec.structs.replace(config, showcase=True)


def node_in(data_dir: Path, downloads: Path) -> Config:
    return Config(
        bind="127.0.0.1",
        port=0,
        window_port=0,
        data_dir=data_dir,
        downloads=downloads,
        name="test",
        nick="Tester",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["Server"]:
    """A node for all tests of a module, which leave it running. They run in the loop of their module."""
    from tests.support.clients import serving  # loads slowly

    folder = tmp_path_factory.mktemp("node")
    async with started_threads(), serving(node_in(folder / "data", folder / "downloads")) as server:
        await server.node.journal.search("", "x", None, 1)  # the first search opens what all others use
        yield server


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The clock of this process, which the test moves. It is right again after all other fixtures."""
    clock = Clock()
    with clock.installed():
        yield clock


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """A test leaves no thread and no open file or socket behind."""
    threads, files = set(threading.enumerate()), open_files()

    def more_threads() -> list[str]:
        return sorted(thread.name for thread in set(threading.enumerate()) - threads)

    yield
    if not more_threads() and not more_files(files):
        return
    gc.collect()
    wait_until(lambda: not more_threads(), _PATIENCE, f"threads of this test ended: {more_threads()}")
    wait_until(lambda: not more_files(files), _PATIENCE, f"files and sockets of this test closed: {more_files(files)}")


@pytest.fixture
async def no_task_left(nothing_left: None) -> AsyncIterator[None]:
    """An async test leaves no task behind. Given to every async test below."""
    async with _no_more_tasks():
        yield


@pytest_asyncio.fixture(loop_scope="module")
async def no_task_left_in_module(nothing_left: None) -> AsyncIterator[None]:
    """The same in the loop of a module, whose tests share it."""
    async with _no_more_tasks():
        yield


@asynccontextmanager
async def _no_more_tasks() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    mine = asyncio.current_task()

    def more() -> list[str]:
        return sorted(str(task.get_coro()) for task in asyncio.all_tasks() - before if task is not mine)

    if more():
        await eventually(lambda: not more(), _PATIENCE, f"tasks of this test ended: {more()}")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what takes long. Put the check for tasks around every async test, inside the check for threads and files."""
    if takes_long(_module(item)) or _REDIS & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.slow)
    if isinstance(item, pytest.Function) and pytest_asyncio.is_async_test(item):
        if shared := "shared_node" in item.fixturenames:
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)
        checks = ["clock"] if "clock" in item.fixturenames else []
        checks.append("no_task_left_in_module" if shared else "no_task_left")
        others = [name for name in item.fixturenames if name not in checks]
        place = others.index("nothing_left") + 1
        item.fixturenames[:] = [*others[:place], *checks, *others[place:]]


def more_files(before: dict[str, str]) -> list[str]:
    """Return what is open now and was not before."""
    return sorted(
        target
        for number, target in open_files().items()
        if before.get(number) != target and not target.startswith(_LEFT_OPEN_BY_LIBRARIES)
    )


def open_files() -> dict[str, str]:
    """Return what each descriptor of this process is."""
    found: dict[str, str] = {}
    try:
        numbers = os.listdir(_DESCRIPTORS)  # noqa: PTH208 - names only, and it runs twice for every test
    except FileNotFoundError:
        return found
    for number in numbers:
        try:
            found[number] = os.readlink(f"{_DESCRIPTORS}/{number}")  # noqa: PTH115
        except OSError:  # the listing's own descriptor
            continue
    return found
