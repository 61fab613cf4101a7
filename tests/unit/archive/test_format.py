import msgspec
import pytest

from lanchat.archive.format import FORMAT, VERSION, EventLine, Header, Trailer
from lanchat.protocol import Author, Body
from tests.support.rooms.said import HERE


@pytest.mark.parametrize(
    "item",
    [
        Header(FORMAT, VERSION, "r1", "Kitchen", HERE, 3),
        EventLine(1, "n", Author(id="a", nick="Ada"), 5, "edit", Body(text="x", target="m")),
        Trailer(3, "00"),
    ],
)
def test_each_line_says_what_it_is(item: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(item), type=Header | EventLine | Trailer) == item
