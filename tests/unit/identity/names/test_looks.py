import importlib.util
import json
import unicodedata
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.identity.names import alike, keys, lookalikes, mixes_scripts
from lanchat.identity.names.confusables import PAIRS, VERSION
from lanchat.identity.names.looks import _skeleton
from tests.laws.sources import ROOT

CASES = json.loads((ROOT / "tests" / "cases" / "crowd.json").read_text("utf-8"))


@pytest.mark.parametrize(("one", "other"), CASES["alike"])
def test_these_look_alike(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(("one", "other"), CASES["apart"])
def test_these_do_not(one: str, other: str) -> None:
    assert not alike(one, other)


@pytest.mark.parametrize("name", CASES["mixed"])
def test_these_mix_scripts(name: str) -> None:
    assert mixes_scripts(name)


@pytest.mark.parametrize("name", CASES["single"])
def test_these_do_not_mix_scripts(name: str) -> None:
    assert not mixes_scripts(name)


def test_ids_of_lookalikes() -> None:
    rooms = [("1", "general"), ("2", "gеneral"), ("3", "Kitchen"), ("4", "GENERAL"), ("5", "Yard")]
    assert lookalikes(rooms) == {"1", "2", "4"}
    assert lookalikes([]) == set()


# Which letters are meant to be drawn alike, by the Unicode Consortium (intentional.txt, 17.0.0), Latin ones.
INTENTIONAL = [
    "AΑ", "BΒ", "CС", "EЕ", "HНΗ", "KΚ", "MМ", "OΟО", "PРΡ", "TТ", "XХ", "aа",
    "cс", "eе", "hһ", "iі", "jј", "oоο", "pр", "sѕ", "xх", "yу",
]  # fmt: skip


@pytest.mark.parametrize("letters", INTENTIONAL)
def test_letters_that_are_drawn_alike_are_compared_alike(letters: str) -> None:
    assert set.intersection(*(set(keys(letter)) for letter in letters))


def test_the_data_say_of_which_unicode_they_are() -> None:
    assert tuple(map(int, VERSION.split("."))) >= (17, 0, 0)
    assert len(PAIRS.split()) > 2_500


def test_the_page_compares_by_the_same_data() -> None:
    page = (ROOT / "assets" / "src" / "text" / "confusables.ts").read_text("utf-8")
    distances, looks = (column.split() for column in page.split("`")[1::2])
    points = accumulate(int(distance, 16) for distance in distances)
    assert [f"{point:x}:{shown}" for point, shown in zip(points, looks, strict=True)] == PAIRS.split()


def test_what_is_made_of_the_consortiums_file() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "assets" / "generate_confusables.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    text = (
        "# confusables.txt\n# Date: 2025-07-22\n# Version: 17.0.0\n"
        "0030 ;\t004F ;\tMA\t# ( 0 → O ) DIGIT ZERO\n"
        "0430 ;\t0061 ;\tMA\t#\n"
        "FF41 ;\t0061 ;\tMA\t# a comparison never meets it\n"
        "2028 ;\t0020 ;\tMA\t# no name has it\n"
    )
    assert generator.looks(text) == {"0": "o", "а": "a"}
    python, page = generator.modules(text)
    assert "\n30:6f 430:61\n" in python
    assert "\n30 400\n" in page
    assert "\n6f 61\n" in page
    with pytest.raises(SystemExit, match=r"no confusables\.txt"):
        generator.modules("something else")


def test_a_skeleton_is_its_own_skeleton() -> None:
    for pair in PAIRS.split():
        shown = "".join(chr(int(point, 16)) for point in pair.split(":")[1].split("+"))
        assert _skeleton(shown) == shown


@given(st.text(max_size=24))
def test_every_text_has_a_key_and_looks_like_itself(text: str) -> None:
    assert 1 <= len(keys(text)) <= 2
    assert alike(text, text)
    mixes_scripts(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="ẞ"), min_size=1, max_size=12))
def test_case_and_form_make_no_difference(name: str) -> None:
    assert alike(name, name.lower())
    assert alike(name, unicodedata.normalize("NFD", name))
