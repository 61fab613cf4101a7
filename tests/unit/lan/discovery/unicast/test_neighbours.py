"""Of whom others are told."""

import uuid

from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.probe import MAX_TOLD
from lanchat.lan.discovery.unicast import neighbours


def test_of_many_each_that_asks_is_told_the_same_few() -> None:
    places = {uuid.uuid4().hex: NodeAddress(f"10.0.1.{number}", 7_000) for number in range(60)}
    asker, other = uuid.uuid4().hex, uuid.uuid4().hex
    told = neighbours(places, asker)
    assert len(told) == MAX_TOLD
    assert all(str(places[each.id]) == each.address for each in told)
    assert told == neighbours(dict(reversed(places.items())), asker)
    assert told != neighbours(places, other)
    assert len(neighbours(places, "not an id" * 1_000)) == MAX_TOLD


def test_nobody_is_told_of_itself_or_of_what_only_this_machine_can_dial() -> None:
    places = {
        "a": NodeAddress("10.0.0.2", 7_000),
        "b": NodeAddress("fe80::1%eth0", 7_000),
        "c": NodeAddress("::2", 7_000),
    }
    assert [told.id for told in neighbours(places, "a")] == ["c"]
