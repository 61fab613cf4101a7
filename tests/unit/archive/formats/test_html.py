import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec

from lanchat.journal import Journal, Reader
from lanchat.protocol import Author, Rule, write_rule
from tests.support.archive.shelf import export
from tests.support.identity import SEAL
from tests.support.journal.sayings import edit, reaction
from tests.support.rooms.said import ADA, THERE, draft, event, record

EVIL = "</p></article><script>alert(1)</script><img src=x onerror=alert(1)>\"'&#x0;\x00\x1b[2J"


class Markup(HTMLParser):
    """What a page has: its tags and attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def page(reader: Reader, path: Path) -> str:
    export(reader, path, "html")
    return path.read_text("utf-8")


def test_a_page_shows_the_room_as_it_reads_now(reader: Reader, tmp_path: Path) -> None:
    text = page(reader, tmp_path / "room.html")
    read = Markup(text)
    assert "Grüße <b>& mehr</b>\nzweite Zeile" in read.text
    assert "👍 Bob" in read.text
    assert "changed" in read.text
    assert "edited" in read.text
    assert "to be" not in text, "what was changed or deleted is not shown"
    assert "This message was deleted." in read.text
    assert read.tags.count("article") == 3
    assert len(re.findall(r"<h2>", text)) == 1


async def test_people_whose_names_look_alike_are_told_apart(journal: Journal, tmp_path: Path) -> None:
    real, fake = Author(id=SEAL.id, nick="Ann"), Author(id="g-" + "4f2c" * 8, nick="Аnn")
    await journal.put_room(record())
    for item in (draft(nonce="n", author=real), draft(author=fake), reaction("n", author=fake)):
        await journal.append(SEAL.said(item))
    await journal.append(draft("imported", author=ADA))
    with Reader(journal.path) as reader:
        text = Markup(page(reader, tmp_path / "room.html")).text
    assert "Ada (unverified)" in text
    assert "Ann " in text
    assert "👍 Аnn ·4f2c (guest)" in text
    assert text.count("Аnn ·4f2c (guest)") == 2


def test_a_page_needs_nothing_else_and_runs_nothing(reader: Reader, tmp_path: Path) -> None:
    read = Markup(page(reader, tmp_path / "room.html"))
    assert set(read.tags) <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "h3",
        "article",
        "p",
        "ul",
        "li",
        "bdi",
        "time",
        "span",
    }
    assert not {name for name in read.attributes if name.startswith("on")} | (read.attributes & {"src", "href"})


async def test_hostile_words_are_words(said: Journal, reader: Reader, tmp_path: Path) -> None:
    await said.put_room(record("r9", EVIL, THERE))
    hostile = event(1, EVIL, room="r9", at=2**60)
    await said.mirror("r9", [hostile])
    path = tmp_path / "r9.html"
    export(reader, path, "html", room="r9")
    text = path.read_text("utf-8")
    assert "script" not in Markup(text).tags
    assert "img" not in Markup(text).tags
    assert "\x00" not in text
    assert "\x1b" not in text


async def test_an_edit_far_away_is_folded_in(said: Journal, reader: Reader, tmp_path: Path) -> None:
    for number in range(600):
        await said.append(draft(f"filler {number}", nonce=f"n{number}"))
    await said.append(edit("n0", "the first filler, changed"))
    await said.append(reaction("n1", "🎉"))
    text = page(reader, tmp_path / "room.html")
    assert "the first filler, changed" in text
    assert "filler 0<" not in text
    assert "🎉" in text
    assert text.count("<h2>") == 1, "a day is written once, also when it goes on over several pages"


async def test_what_a_moderator_has_hidden_is_not_in_the_page(journal: Journal, tmp_path: Path) -> None:
    owner, spammer = Author(id=SEAL.id, nick="Ann"), Author(id="g-" + "0" * 32, nick="Spam")
    await journal.put_room(record(owner=owner.id))
    await journal.append(SEAL.said(draft("buy now", author=spammer)))
    hide = draft(write_rule(Rule(change="hide", person=spammer.id)), author=owner)
    await journal.append(SEAL.said(msgspec.structs.replace(hide, kind="rule")))
    await journal.append(SEAL.said(draft("sorry", author=spammer)))
    with Reader(journal.path) as reader:
        text = page(reader, tmp_path / "room.html")
    assert "buy now" not in text
    assert "This message was deleted." in text
    assert "sorry" in text
