import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lanchat import runtime
from lanchat.desktop.instance import Front, ask_front, wait_for_front
from lanchat.runtime import Running
from tests.support.programs import free_port


@contextmanager
def answering(data_dir: Path, body: bytes, status: int = 200) -> Iterator[list[tuple[str, str | None]]]:
    """Somebody at the address in the runtime file; gives what was asked."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        note(data_dir, server.server_port)
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join()


def note(data_dir: Path, port: int) -> None:
    url = f"http://127.0.0.1:{port}/"
    runtime.write(data_dir, Running(pid=1, window=url, lan=url, key="the key"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"shown": true}', Front(shown=True)),
        (b'{"shown": false, "url": "http://127.0.0.1:1/#t=x"}', Front(shown=False, url="http://127.0.0.1:1/#t=x")),
    ],
)
def test_a_running_node_answers(tmp_path: Path, body: bytes, expected: Front) -> None:
    with answering(tmp_path, body) as asked:
        assert ask_front(tmp_path) == expected
    assert asked == [("/front", "Bearer the key")]


@pytest.mark.parametrize(("body", "status"), [(b"hello", 200), (b"[]", 200), (b'{"shown": true}', 401), (b"", 200)])
def test_another_program_at_the_address_is_nobody(tmp_path: Path, body: bytes, status: int) -> None:
    with answering(tmp_path, body, status):
        assert ask_front(tmp_path) is None


def test_a_killed_nodes_file_is_nobody(tmp_path: Path) -> None:
    note(tmp_path, free_port())
    assert ask_front(tmp_path) is None


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:port/", "http://[::1/"])
def test_an_address_that_is_none_is_nobody(tmp_path: Path, url: str) -> None:
    runtime.write(tmp_path, Running(pid=1, window=url, lan=url, key="k"))
    assert ask_front(tmp_path) is None


def test_no_file_is_nobody(tmp_path: Path) -> None:
    assert ask_front(tmp_path) is None
    assert wait_for_front(tmp_path, 0.01) is None


def test_a_node_that_is_just_starting_is_waited_for(tmp_path: Path) -> None:
    with answering(tmp_path, b'{"shown": true}'):
        content = (tmp_path / runtime.FILE).read_bytes()
        (tmp_path / runtime.FILE).unlink()
        later = threading.Timer(0.15, (tmp_path / runtime.FILE).write_bytes, (content,))
        later.start()
        assert wait_for_front(tmp_path, 10) == Front(shown=True)
        later.join()
