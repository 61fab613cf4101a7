"""Who finds a place among the hints when strangers say more than is remembered."""

from collections.abc import Sequence

from lanchat.lan.discovery.hints import MAX_ROOMS, MAX_ROOMS_PER_ADDRESS, Hints
from lanchat.lan.discovery.records import FoundRoom
from lanchat.protocol import NodeInfo


def hint(number: int, *addresses: str) -> FoundRoom:
    return FoundRoom(f"{number:032x}", "room", NodeInfo(f"{number:032x}", "node"), addresses, 7_000, 1)


class Said:
    """Hints, and those whose node was asked in vain."""

    def __init__(self) -> None:
        self.vain: set[str] = set()
        self.hints = Hints(lambda said: said.id in self.vain)
        self.count = 0

    def say(self, *addresses: str) -> str:
        """Say something new; gives its id, or nothing when it found no place."""
        self.count += 1
        said = hint(self.count, *addresses)
        return said.id if self.hints.put(f"i{self.count}", said) else ""

    def fill(self, addresses: Sequence[str]) -> None:
        """Let so many say something that nothing more has space."""
        while not self.hints.full:
            self.say(addresses[self.count % len(addresses)])

    def there(self, address: str) -> set[str]:
        return {said.id for said in self.hints if address in said.addresses}


FLOOD = [f"10.0.0.{number}" for number in range(100)]


def test_an_address_has_so_many() -> None:
    said = Said()
    assert all(said.say("10.0.0.1") for _ in range(MAX_ROOMS_PER_ADDRESS))
    assert not said.say("10.0.0.1")
    assert said.say("10.0.0.2")


def test_a_flood_leaves_others_their_place() -> None:
    said = Said()
    first = said.say("10.1.0.1")
    said.fill(FLOOD)
    assert said.hints.full
    late = said.say("10.1.0.2")
    assert late
    for number in range(10_000):
        said.say(FLOOD[number % 100])
    assert said.there("10.1.0.1") == {first}
    assert said.there("10.1.0.2") == {late}
    assert len(said.hints) == MAX_ROOMS


def test_who_says_much_gives_way_but_keeps_one() -> None:
    said = Said()
    mine = [said.say("10.1.0.1") for _ in range(30)]
    said.fill(FLOOD)
    for number in range(10_000):
        said.say(FLOOD[number % 100])
    assert 1 <= len(said.there("10.1.0.1")) <= 3
    assert mine[0] in said.there("10.1.0.1")


def test_somebody_who_fills_anothers_address_gives_way_once_that_was_noticed() -> None:
    said = Said()
    forged = {said.say("10.1.0.1") for _ in range(MAX_ROOMS_PER_ADDRESS)}
    assert not said.say("10.1.0.1")
    said.vain = set(forged)
    true = said.say("10.1.0.1")
    assert true
    for _ in range(1_000):
        said.vain.update(forged)
        forged.add(said.say("10.1.0.1"))
    assert true in said.there("10.1.0.1")


def test_a_slow_node_alone_at_its_address_does_not_give_way_to_a_flood() -> None:
    said = Said()
    said.fill(FLOOD)
    late = said.say("10.1.0.1")
    said.vain = {late}
    for number in range(1_000):
        said.say(FLOOD[number % 100])
    assert said.there("10.1.0.1") == {late}


def test_those_at_other_addresses_do_not_give_way_to_a_full_address() -> None:
    said = Said()
    said.vain = {said.say("10.0.0.1")}
    for _ in range(MAX_ROOMS_PER_ADDRESS):
        said.say("10.0.0.2")
    assert not said.say("10.0.0.2")
    assert said.there("10.0.0.1")


def test_what_is_known_is_replaced_and_forgotten() -> None:
    said = Said()
    said.fill(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"])
    assert said.hints.put("i1", hint(1, "10.9.0.1"))
    assert "i1" in said.hints
    assert said.there("10.9.0.1")
    assert said.hints.pop("i1")
    assert not said.hints.pop("i1")
    assert not said.hints.full
    assert len(said.hints.instances()) == MAX_ROOMS - 1
    said.hints.clear()
    assert not said.hints
