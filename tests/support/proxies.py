"""The proxies of docs/operation, as the files there say, but at ports of this machine."""

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.conditions import wait_until
from tests.support.places import ROOT
from tests.support.redis.servers import listens

OPERATION = ROOT / "docs" / "operation"
_NODES = ("10.0.0.11:28280", "10.0.0.12:28280")
_MAIN = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/lanchat.conf;
}}
"""


def nginx(folder: Path, port: int, nodes: Sequence[int]) -> contextlib.AbstractContextManager[None]:
    """Run nginx at a port in front of two nodes on this machine."""
    folder.mkdir()
    (folder / "lanchat.conf").write_text(
        _led_to("nginx.conf", nodes).replace("listen 80;", f"listen 127.0.0.1:{port};")
    )
    (folder / "main.conf").write_text(_MAIN.format(folder=folder))
    return _running(port, "nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "main.conf"))


def haproxy(folder: Path, port: int, nodes: Sequence[int]) -> contextlib.AbstractContextManager[None]:
    """Run HAProxy at a port in front of two nodes on this machine."""
    folder.mkdir()
    text = _led_to("haproxy.cfg", nodes).replace("bind :80", f"bind 127.0.0.1:{port}")
    (folder / "haproxy.cfg").write_text(text)
    return _running(port, "haproxy", "-db", "-f", str(folder / "haproxy.cfg"))


def _led_to(name: str, nodes: Sequence[int]) -> str:
    text = (OPERATION / name).read_text("utf-8")
    for written, node in zip(_NODES, nodes, strict=True):
        assert written in text
        text = text.replace(written, f"127.0.0.1:{node}")
    return text


@contextlib.contextmanager
def _running(port: int, *command: str) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: listens(port) or process.poll() is not None, what=f"{command[0]} listens")
            assert process.poll() is None, f"{command[0]} ended"
            yield
        finally:
            process.terminate()
