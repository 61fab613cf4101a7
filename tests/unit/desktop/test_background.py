import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from lanchat.config import Config
from lanchat.desktop.background import Background
from lanchat.desktop.instance import Front, ask_front
from lanchat.errors import AlreadyRunning, DataDirUnusable, LanchatError
from tests.support.programs import a_room


def background(config: Config, front: Callable[[], bool] = lambda: False, **more: Callable[[], object]) -> Background:
    node = Background(msgspec.structs.replace(config, room=a_room()), on_front=front, **more)
    node.start()
    return node


def test_the_node_says_where_it_is(config: Config) -> None:
    ended = threading.Event()
    node = background(config, on_end=ended.set)
    try:
        started = node.started()
        assert started.url.startswith(started.window_url)
        assert "#t=" in started.url
        assert "#t=" not in started.window_url
        assert started.lan_url.startswith("http://127.0.0.1:")
        fresh = node.fresh_url()
        assert fresh.startswith(started.window_url)
        assert fresh != started.url
    finally:
        node.stop()
    assert ended.is_set()
    assert node.failure is None
    assert node.fresh_url() == ""


def test_a_second_start_reaches_the_window(config: Config) -> None:
    shown = threading.Event()

    def front() -> bool:
        shown.set()
        return True

    node = background(config, front)
    try:
        node.started()
        assert ask_front(config.data_dir) == Front(shown=True)
        assert shown.is_set()
    finally:
        node.stop()
    assert ask_front(config.data_dir) is None


def test_without_a_window_a_second_start_gets_an_address(config: Config) -> None:
    node = background(config)
    try:
        started = node.started()
        answer = ask_front(config.data_dir)
        assert answer is not None
        assert not answer.shown
        assert answer.url.startswith(started.window_url)
    finally:
        node.stop()


def test_a_second_node_on_the_same_directory_is_refused(config: Config) -> None:
    first = background(config)
    try:
        first.started()
        ended = threading.Event()
        second = background(config, on_end=ended.set)
        with pytest.raises(AlreadyRunning):
            second.started()
        second.stop()
        assert isinstance(second.failure, AlreadyRunning)
        assert not ended.is_set()
    finally:
        first.stop()


def test_a_node_that_cannot_start_says_why_and_ends(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    node = background(msgspec.structs.replace(config, data_dir=file))
    with pytest.raises(LanchatError) as raised:
        node.started()
    assert isinstance(raised.value, DataDirUnusable)
    node.stop()


def test_a_node_that_never_started_can_be_stopped(config: Config) -> None:
    node = Background(config, on_front=lambda: False)
    node.stop()
    assert node.fresh_url() == ""
