"""What methods are annotated with, also when it cannot be read."""

from typing import Any, Optional, Union

import msgspec

from lanchat.consumers.typed.annotations import annotated_with, structs_in


class Said(msgspec.Struct, tag="said"):
    text: str


class Left(msgspec.Struct, tag="left"):
    user: str


class Methods:
    def plain(self, event) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001
    def one(self, event: Said) -> None: ...
    def text(self, event: "Said") -> None: ...
    def union(self, event: Said | Left) -> None: ...
    def missing(self, event: "OnlyForTypeCheckers") -> None: ...  # type: ignore[name-defined]  # noqa: F821
    def nothing(self) -> None: ...


def test_annotations_are_read() -> None:
    assert annotated_with(Methods.one) is annotated_with(Methods.text) is Said
    assert annotated_with(Methods.union) == Said | Left
    assert annotated_with(Methods.plain) is annotated_with(Methods.missing) is annotated_with(Methods.nothing) is None


def test_structs_are_found_where_there_is_nothing_else() -> None:
    assert structs_in(Said) == (Said,)
    assert structs_in(Said | Left) == structs_in(Union[Said, Left]) == (Said, Left)  # noqa: UP007
    for other in (dict, dict[str, Any], Optional[Said], Said | int, Any, None, "Said", list[Said]):  # noqa: UP045
        assert structs_in(other) == ()
