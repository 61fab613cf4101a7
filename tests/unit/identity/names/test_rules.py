import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import InvalidNick, InvalidRoomName
from lanchat.identity.names.rules import (
    MAX_NICK,
    MAX_NODE_NAME,
    MAX_ROOM_NAME,
    is_person_id,
    nick,
    node_name,
    room_name,
    seen,
    tame,
    tidy,
)

FINE = [
    "general",
    "Küche",
    "Büro 2, links",
    "会議室",
    "غرفة",
    "می\u200cخواهم",  # the word is written with a joiner
    "👩\u200d💻 code",  # one emoji of two
    "❤️\u200d🔥",
    "🫨 🪿",  # newer than the Unicode of some Pythons
    "नमस्ते",
    "a/b?c#d%20",
    "<b>bold</b>",
    "..",
]
INVISIBLE = [
    "a\nb",
    "a\x00b",
    "a\x1b[31mb",
    "a\x7fb",
    "a\u202eb",  # writes the rest from right to left
    "a\u2066b",
    "a\u200bb",
    "a\ufeffb",
    "a\u00adb",
    "a\u2028b",
    "a\ud800b",
    "a\ue000b",
    "a\ufffeb",
    "a\u3164b",
    "gen\u200deral",  # looks like general
    "\u200d",
    "é\u200d",
    "👩\u200d\u200d💻",
]
EMPTY = ["", " ", "\t \u00a0", "\u3000", "\n", "\ufe0f", "\u0301"]


@pytest.mark.parametrize("name", FINE)
def test_this_can_be_a_name(name: str) -> None:
    assert room_name(name) == unicodedata.normalize("NFC", name)
    assert nick(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", INVISIBLE)
def test_what_nobody_can_see_is_refused(name: str) -> None:
    with pytest.raises(InvalidRoomName, match=r"control|invisible"):
        room_name(name)
    with pytest.raises(InvalidNick, match=r"control|invisible"):
        nick(name)


@pytest.mark.parametrize("name", EMPTY)
def test_a_name_needs_something_to_see(name: str) -> None:
    with pytest.raises(InvalidRoomName, match="empty"):
        room_name(name)
    with pytest.raises(InvalidNick, match="empty"):
        nick(name)


def test_two_ways_to_write_the_same_name_are_one_name() -> None:
    assert room_name("Ku\u0308che") == room_name("Küche")
    assert room_name("  Big \t\u00a0 \u2003Hall\n") == "Big Hall"


def test_case_counts() -> None:
    assert room_name("Kitchen") != room_name("kitchen")


def test_the_longest_names() -> None:
    assert room_name("👋" * MAX_ROOM_NAME) == "👋" * MAX_ROOM_NAME
    assert nick("e\u0301" * MAX_NICK) == "é" * MAX_NICK
    with pytest.raises(InvalidRoomName, match="has 41 characters; the most is 40"):
        room_name("r" * (MAX_ROOM_NAME + 1))
    with pytest.raises(InvalidNick, match="has 25 characters; the most is 24"):
        nick("n" * (MAX_NICK + 1))


@given(st.text(max_size=60))
def test_a_name_that_was_made_tidy_stays_as_it_is(text: str) -> None:
    try:
        name = room_name(text)
    except InvalidRoomName:
        return
    assert room_name(name) == name
    assert name.strip() == name
    assert 1 <= len(name) <= MAX_ROOM_NAME
    assert name.encode()


@pytest.mark.parametrize("text", ["ada-ada-", "A_9" * 3, "x" * 64])
def test_an_id_of_a_person(text: str) -> None:
    assert is_person_id(text)


@pytest.mark.parametrize("text", ["", "short", "x" * 65, "with space", "ümläut-id", "ada-ada\n"])
def test_what_is_not_an_id_of_a_person(text: str) -> None:
    assert not is_person_id(text)


@pytest.mark.parametrize("name", FINE)
def test_a_fine_name_is_tidy(name: str) -> None:
    assert tidy(name) == nick(name)
    assert node_name(name) == room_name(name)


@given(st.text(max_size=300))
def test_whatever_somebody_is_called_can_be_shown(text: str) -> None:
    assert tidy(text) == nick(tidy(text))
    assert 0 < len(node_name(text)) <= MAX_NODE_NAME
    assert node_name(text).isprintable() or any(seen(letter) != letter for letter in text) or "\u200d" in text


# Marks ----------------------------------------------------------------------------------------------------------------

PILED = [
    ("a" + "\u0300\u0301\u0302\u0303", "\u00e0\u0301\u0302"),  # NFC takes one of them into the letter
    ("b" + "\u0316" * 20, "b\u0316"),
    ("\u0e01" + "\u0e47" * 9, "\u0e01\u0e47"),  # Thai, whose marks have no combining class
    ("o" + "\u20dd\u20de\u20df\u20e0", "o\u20dd\u20de"),
]
WORN = [
    "कपड़ें",  # a nukta, a vowel and an anusvara on one letter
    "བསྒྲུབས",
    "ที่นี่",
    "اللّٰه",
    "Nguyễn Thị Ánh",
    "1\ufe0f\u20e3",
]


@pytest.mark.parametrize(("name", "shown"), PILED)
def test_marks_that_pile_up_are_refused_and_tamed_where_others_send_them(name: str, shown: str) -> None:
    with pytest.raises(InvalidNick, match="at most 2 marks"):
        nick(name)
    with pytest.raises(InvalidRoomName, match="at most 2 marks"):
        room_name(name)
    assert tidy(name) == shown
    assert node_name(name) == shown


@pytest.mark.parametrize("name", WORN)
def test_marks_that_people_write_stay(name: str) -> None:
    assert nick(name) == unicodedata.normalize("NFC", name)


@given(st.text(st.characters(categories=["Mn", "Me", "Lo", "Ll"]), max_size=40))
def test_what_is_tame_stays_as_it_is(text: str) -> None:
    assert tame(tame(text)) == tame(text)
