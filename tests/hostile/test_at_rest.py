"""What lies on the disk: another user of the machine reads none of it, and what was forgotten is not there any more."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lanchat import log
from lanchat.archive import SetAside
from lanchat.config import Config
from lanchat.journal import Draft, Journal, RoomRecord
from lanchat.protocol import Author, Body, Event, Export, JobStatus, NodeInfo
from lanchat.runtime import PRIVATE
from tests.support.clients import guest, serving, window

NOBODY = 65_534
"""The user and group id of nobody."""
ME = NodeInfo(id="a" * 32, name="here")
SECRET = ("xylophonic", "zanzibarine", "Quixotenick", "Kryptonroom")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try it as another user")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every user can look into; pytest's own cannot be entered by others, which would prove nothing."""
    path = Path(tempfile.mkdtemp(prefix="lanchat-at-rest-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def read_by_another(path: Path) -> bytes:
    """Return everything that nobody, the user, can read at and below a path."""
    command = ["find", str(path), "-type", "f", "-exec", "cat", "{}", "+"]
    done = subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=False)
    return done.stdout


async def live(config: Config, home: Path) -> None:
    """Let a node make every kind of file, and leave them."""
    async with serving(config) as server, guest(server, "Quixotenick") as ada, window(server) as owner:
        room = await ada.enter("Kryptonroom")
        await ada.say(room, "xylophonic")
        await ada.said(room, 1)
        for form in ("jsonl", "html"):
            await owner.tell(Export(room=room, format=form))
            await owner.hear(JobStatus, lambda job: job.state == "done")
        copies = SetAside(
            config.data_dir / "set-aside",
            server.node.journal,
            server.node.notifications,
            server.node.owner,
            config.limits,
        )
        await copies.set_aside(server.node.rooms.get(room))
        await server.node.journal.backup(config.data_dir / "exports" / "copy.db")
        assert read_by_another(home) == b""


@needs_root
async def test_another_user_reads_nothing(home: Path, config: Config) -> None:
    config = msgspec.structs.replace(config, data_dir=home / "data", downloads=home / "nowhere")
    await live(config, home)
    assert {path.suffix for path in (home / "data" / "exports").iterdir()} == {".jsonl", ".html", ".db"}
    assert read_by_another(home) == b""
    (home / "data").chmod(0o755)
    (home / "data" / "exports").chmod(0o755)
    (home / "data" / "set-aside").chmod(0o755)
    assert read_by_another(home) == b"", "each file is closed by itself"


@needs_root
async def test_what_was_open_is_closed_at_start(home: Path, config: Config) -> None:
    data = home / "data"
    config = msgspec.structs.replace(config, data_dir=data, downloads=home / "nowhere")
    await live(config, home)
    names = sorted((name.replace("*", "x") for name in PRIVATE), key=len, reverse=True)  # what is in folders first
    for name in names:
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text("secret words")
    for path in (data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert b"secret words" in read_by_another(home), "the other user can read what is open"
    async with serving(config):
        assert read_by_another(home) == b""
    data.chmod(0o755)
    for name in ("exports", "set-aside"):
        (data / name).chmod(0o755)
    assert read_by_another(home) == b""


@needs_root
def test_the_log_is_closed_to_others(home: Path) -> None:
    program = (
        "import logging, sys; from pathlib import Path; from lanchat import log; "
        "log.begin(Path(sys.argv[1]), to_terminal=False); logging.getLogger('x').warning('secret words')"
    )
    command = ["python3", "-c", program, str(home / "data")]
    subprocess.run(command, check=True)
    assert "secret words" in (home / "data" / log.FILE).read_text("utf-8")
    (home / "data").chmod(0o755)
    assert read_by_another(home) == b""


def found(folder: Path) -> dict[str, list[str]]:
    """Return which of the secret words are in the bytes of which file."""
    return {
        path.name: words
        for path in sorted(folder.iterdir())
        if (words := [word for word in SECRET if word.encode() in path.read_bytes()])
    }


async def nobody(room: str, events: list[Event]) -> None: ...


async def test_a_forgotten_room_leaves_no_byte_of_its_words(tmp_path: Path) -> None:
    """Among a hundred times as much that stays: an index keeps the words of a few deleted messages for long."""
    async with Journal(tmp_path / "lanchat.db", nobody) as journal:
        for room, name in (("k" * 32, "Kryptonroom"), ("o" * 32, "Ordinary")):
            await journal.put_room(RoomRecord(id=room, name=name, home=ME))
        kept = []
        for number in range(2_000):
            secret = number % 100 == 1
            author = Author(id="q" * 16 if secret else "b" * 16, nick="Quixotenick" if secret else "Bob")
            text = f"xylophonic zanzibarine {number}" if secret else f"ordinary talk {number}"
            room = ("k" if secret else "o") * 32
            kept.append(
                journal.append(
                    Draft(room=room, nonce=f"n{number}", author=author, kind="message", body=Body(text=text))
                )
            )
        await asyncio.gather(*kept)
        assert (await journal.search("k" * 32, "zanzibarine", None, 1)).hits
        assert found(tmp_path) != {}
        await journal.delete_room("k" * 32)
        assert found(tmp_path) == {}
        assert len(await journal.after("o" * 32, 0, 100)) == 100
        assert (await journal.search("o" * 32, "ordinary talk 77", None, 1)).hits
    assert found(tmp_path) == {}


async def test_what_was_not_forgotten_to_its_end_is_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lanchat.db"
    async with Journal(path, nobody) as journal:
        await journal.put_room(RoomRecord(id="k" * 32, name="Kryptonroom", home=ME))
        await journal.put_room(RoomRecord(id="o" * 32, name="Ordinary", home=ME))
        for number in range(20):
            for room, text in (("k", "xylophonic"), ("o", "ordinary")):
                body = Body(text=f"{text} {number}")
                author = Author(id="b" * 16, nick="Bob")
                nonce = f"{room}{number}"
                await journal.append(Draft(room=room * 32, nonce=nonce, author=author, kind="message", body=body))
        await journal.search("k" * 32, "xylophonic", None, 1)
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "_sweep", _nothing)
            await journal.delete_room("k" * 32)
    assert found(tmp_path) != {}
    async with Journal(path, nobody) as journal:
        await journal._sweeping
        assert found(tmp_path) == {}


async def _nothing(journal: Journal) -> None:
    """In place of the sweep: the machine is switched off."""
