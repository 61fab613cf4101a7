from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.unicast.hearsay import AGAIN, Hearsay


class Ticks:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def place(number: int) -> NodeAddress:
    return NodeAddress(f"10.0.{number // 250}.{number % 250}", 28_280)


def test_a_place_is_asked_once_in_a_while() -> None:
    ticks = Ticks()
    hearsay = Hearsay(ticks)
    assert hearsay.admits("a", place(1))
    assert not hearsay.admits("a", place(1))
    assert hearsay.admits("b", place(1))
    assert hearsay.admits("a", place(2))
    ticks.now += AGAIN
    assert hearsay.admits("a", place(1))
    hearsay.forget()
    assert hearsay.admits("a", place(1)), "in another network it may be another machine"


def test_whoever_names_ten_thousand_has_few_of_them_asked() -> None:
    ticks = Ticks()
    hearsay = Hearsay(ticks)
    asked = sum(hearsay.admits(str(number), place(number)) for number in range(10_000))
    assert 0 < asked <= 65
    for _ in range(60):
        ticks.now += 1
        asked += sum(hearsay.admits(str(number), place(number)) for number in range(10_000, 20_000))
    assert asked <= 65 + 60
    assert len(hearsay._named) <= 1_024
