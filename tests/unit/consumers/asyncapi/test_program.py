"""The command line that writes a document."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lanchat.consumers.asyncapi.program import main
from tests.laws.sources import ROOT

ROUTES = """
import msgspec

from lanchat.consumers import TypedWebsocketConsumer


class Ping(msgspec.Struct, tag="ping"):
    pass


class Echo(TypedWebsocketConsumer):
    async def receive_content(self, content: Ping):
        pass


routes = {"/echo": Echo}
"""


def test_a_document_is_written(tmp_path: Path) -> None:
    (tmp_path / "shown.py").write_text(ROUTES, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "lanchat.consumers.asyncapi", "shown:routes", "--title", "Küche"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    document = json.loads(done.stdout)
    assert document["info"]["title"] == "Küche"
    assert list(document["operations"]) == ["receive_echo"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("pathlib:Path", "consumers by their paths"), ("no.such:thing", "no module"), ("x", "package.module:name")],
)
def test_what_is_wrong_is_said(path: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([path]) == 2
    assert sentence in capsys.readouterr().err
