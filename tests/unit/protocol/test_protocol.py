import inspect
import json

import msgspec
import pytest

from lanchat import protocol
from lanchat.protocol import Author, Command, Join, Post, Reply
from lanchat.protocol.codec import encode

COMMANDS: tuple[type[msgspec.Struct], ...] = Command.__args__
NOTICES: tuple[type[msgspec.Struct], ...] = Reply.__args__
FRAMES = tuple(dict.fromkeys(COMMANDS + NOTICES))


def test_this_is_version_1() -> None:
    assert protocol.VERSION == 1


def test_every_frame_has_a_type_of_its_own() -> None:
    for union in (COMMANDS, NOTICES):
        tags = [kind.__struct_config__.tag for kind in union]
        assert len(set(tags)) == len(tags)


def test_every_frame_of_the_module_can_be_sent_by_somebody() -> None:
    defined = {kind for kind in vars(protocol).values() if inspect.isclass(kind) and hasattr(kind, "__struct_config__")}
    tagged = {kind for kind in defined if kind.__struct_config__.tag and not kind.__name__.startswith("_")}
    assert tagged == set(FRAMES)


@pytest.mark.parametrize("kind", FRAMES, ids=lambda kind: str(kind.__struct_config__.tag))
def test_a_frame_is_frozen(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_config__.frozen


def test_parts_of_frames_have_no_type_on_the_wire() -> None:
    assert json.loads(encode(Post(room="r1", nonce="n1", text="hi", author=Author(id="a1", nick="Ada"))))["author"] == {
        "id": "a1",
        "nick": "Ada",
    }


def test_who_says_nothing_of_it_joins_from_the_start_with_a_page() -> None:
    assert (Join(room="r1").since, Join(room="r1").limit) == (0, protocol.PAGE)


def test_the_limits_fit_each_other() -> None:
    assert protocol.MAX_TEXT * 12 < protocol.MAX_FRAME, "even escaped as \\uXXXX\\uXXXX the longest text fits a frame"
    assert protocol.PAGE <= protocol.MAX_PAGE
    assert protocol.SILENCE > 2 * protocol.HEARTBEAT, "one lost heartbeat is no silence"
