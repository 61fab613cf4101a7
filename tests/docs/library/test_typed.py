"""docs/library/typed.md."""

import json
import shlex

import pytest
from websockets.asyncio.client import connect

from lanchat.consumers.asyncapi.program import main
from tests.docs.library.pages import page
from tests.docs.tutorial import Tutorial, blocks


async def test_game(book: Tutorial) -> None:
    async with book.serving_asgi("game") as at, connect(f"ws://{at}/") as ada, connect(f"ws://{at}/") as bob:
        await bob.send('{"type": "move"}')
        assert json.loads(await bob.recv()) == {"error": "Object missing required field `figure`."}
        await bob.send('{"type": "move", "figure": "king", "to": "e2"}')
        assert json.loads(await ada.recv()) == {"type": "moved", "figure": "king", "to": "e2"}


async def test_reversed_text(book: Tutorial) -> None:
    async with book.serving_asgi("reversed_text") as at, connect(f"ws://{at}/") as client:
        await client.send("abc")
        assert await client.recv() == "abc dias uoY"


def test_the_command_writes_a_document(book: Tutorial, capsys: pytest.CaptureFixture[str]) -> None:
    book.module("game")
    (line,) = "".join(blocks(page("typed").read_text("utf-8"), "bash")).splitlines()
    assert main(shlex.split(line.removeprefix("python -m lanchat.consumers.asyncapi "))) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["info"]["title"] == "Our game"
    assert set(document["channels"]["game"]["messages"]) == {"Say", "Move", "Moved"}
