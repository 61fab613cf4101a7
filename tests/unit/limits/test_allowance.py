import msgspec
import pytest

from lanchat.errors import LimitReached, SlowDown
from lanchat.limits import COSTS, Addresses, Cost, Limits, Pace
from lanchat.limits.allowance import MOST_ADDRESSES

FEW = Limits(post_rate=0.5, post_burst=2, address_share=3, refusal_burst=2, rooms=5, rooms_per_address=2)


def paid(pace: Pace, times: int, cost: Cost = "post", now: float = 0) -> int:
    """How many of so many commands are carried out."""
    done = 0
    for _ in range(times):
        try:
            pace.pay(cost, now)
        except SlowDown:
            continue
        done += 1
    return done


@pytest.mark.parametrize("cost", COSTS)
def test_every_cost_has_a_rate_and_a_burst(cost: Cost) -> None:
    limits = msgspec.structs.replace(Limits(), **{f"{cost}_burst": 3, f"{cost}_rate": 0.1})
    pace = Pace(Addresses(limits), "10.0.0.1")
    assert paid(pace, 10, cost) == 3
    with pytest.raises(SlowDown, match=r"Too many .+; try again in 10 seconds"):
        pace.pay(cost, 0)
    assert paid(pace, 10, cost, now=20) == 2


def test_one_connection_has_less_than_its_address() -> None:
    addresses = Addresses(FEW)
    paces = [Pace(addresses, "10.0.0.1") for _ in range(9)]
    assert [paid(pace, 10) for pace in paces] == [2, 2, 2, 0, 0, 0, 0, 0, 0]
    assert paid(Pace(addresses, "10.0.0.2"), 10) == 2


def test_coming_again_gives_an_address_nothing_new() -> None:
    addresses = Addresses(FEW)
    assert sum(paid(Pace(addresses, "10.0.0.1"), 10) for _ in range(1000)) == 6


def test_the_owner_is_never_held_up() -> None:
    assert paid(Pace(Addresses(FEW)), 10_000) == 10_000


def test_a_link_waits_where_others_are_refused() -> None:
    pace = Pace(Addresses(FEW), "10.0.0.1", patient=True)
    assert [pace.pay("post", 0) for _ in range(8)] == [0, 0, 0, 0, 0, 0, pytest.approx(2 / 3), pytest.approx(4 / 3)]


def test_who_goes_on_when_told_to_slow_down_is_noticed() -> None:
    pace = Pace(Addresses(FEW), "10.0.0.1")
    assert [pace.bear(0) for _ in range(4)] == [True, True, False, False]
    assert pace.bear(10)


def test_rooms_are_bounded_for_each_address_and_for_all() -> None:
    addresses = Addresses(FEW)
    addresses.charge_room("10.0.0.1", 0)
    addresses.charge_room("10.0.0.1", 1)
    with pytest.raises(LimitReached, match="You have made 2 rooms"):
        addresses.charge_room("10.0.0.1", 2)
    addresses.charge_room("10.0.0.2", 2)
    with pytest.raises(LimitReached, match="There are 5 rooms"):
        addresses.charge_room("10.0.0.2", 5)
    addresses.charge_room("", 5)


def test_many_addresses_fill_no_memory() -> None:
    addresses = Addresses(FEW)
    kept = addresses.of("10.0.0.1")
    for number in range(MOST_ADDRESSES - 1):
        addresses.of(f"fe80::{number}")
    assert addresses.of("10.0.0.1") is kept
    for number in range(MOST_ADDRESSES):
        addresses.of(f"fe81::{number}")
    assert addresses.of("10.0.0.1") is not kept
