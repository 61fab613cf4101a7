import msgspec
import pytest

from lanchat.errors import LimitReached, SlowDown
from lanchat.limits import COSTS, Addresses, Cost, Limits, Payer
from lanchat.limits.allowance import IN_ROOM, MOST_MAKERS, MOST_REST, REFUSED

FEW = Limits(post_rate=0.5, post_burst=2, address_share=3, refusal_burst=2, rooms=5, rooms_per_address=2)
ADA = Payer("10.0.0.1", "ada")


def paid(addresses: Addresses, payer: Payer, times: int, cost: Cost = "post", *, now: float = 0, room: str = "") -> int:
    """How many of so many commands are carried out."""
    done = 0
    for _ in range(times):
        try:
            addresses.pay(payer, cost, now, room)
        except SlowDown:
            continue
        done += 1
    return done


@pytest.mark.parametrize("cost", COSTS)
def test_every_cost_has_a_rate_and_a_burst(cost: Cost) -> None:
    addresses = Addresses(msgspec.structs.replace(Limits(), **{f"{cost}_burst": 3, f"{cost}_rate": 0.1}))
    assert paid(addresses, ADA, 10, cost) == 3
    with pytest.raises(SlowDown, match=r"Too many .+; try again in 10 seconds"):
        addresses.pay(ADA, cost, 0)
    assert paid(addresses, ADA, 10, cost, now=20) == 2


@pytest.mark.parametrize("cost", IN_ROOM)
def test_what_a_room_is_told_counts_against_the_room(cost: Cost) -> None:
    room = {f"room_{cost}_burst": 4, f"room_{cost}_rate": 0.1}
    addresses = Addresses(msgspec.structs.replace(Limits(), **room))
    assert paid(addresses, ADA, 2, cost, room="general") == 2
    with pytest.raises(SlowDown, match=r"Too many .+ in this room; try again in 20 seconds"):
        addresses.pay(ADA, cost, 0, "general")
    assert paid(addresses, ADA, 10, cost, room="another") == 2
    assert paid(addresses, Payer("10.0.0.2", "bob"), 10, cost, room="general") == 2
    assert paid(addresses, Payer("10.0.0.3", "eve"), 10, cost, room="general") == 0


def test_one_person_has_less_than_their_address() -> None:
    addresses = Addresses(FEW)
    people = [Payer("10.0.0.1", f"person {number}") for number in range(9)]
    assert [paid(addresses, payer, 10) for payer in people] == [2, 2, 2, 0, 0, 0, 0, 0, 0]
    assert paid(addresses, Payer("10.0.0.2", "person 0"), 10) == 2


def test_coming_again_gives_a_person_nothing_new() -> None:
    addresses = Addresses(FEW)
    assert sum(paid(addresses, Payer("10.0.0.1", "ada"), 10) for _ in range(1000)) == 2


def test_nobody_uses_up_what_somebody_has_elsewhere() -> None:
    addresses = Addresses(FEW)
    paid(addresses, Payer("10.0.0.66", ADA.person), 10)
    assert paid(addresses, ADA, 10) == 2


def test_the_owner_is_never_held_up() -> None:
    assert paid(Addresses(FEW), Payer(person="owner"), 10_000, room="general") == 10_000


def test_a_link_waits_where_others_are_refused() -> None:
    addresses, link = Addresses(FEW), Payer("10.0.0.1", patient=True)
    waits = [addresses.pay(link, "post", 0) for _ in range(8)]
    assert waits == [0, 0, 0, 0, 0, 0, pytest.approx(2 / 3), pytest.approx(4 / 3)]


def test_a_link_leaves_the_others_in_a_room_their_part() -> None:
    addresses = Addresses(Limits(room_post_rate=1, room_post_burst=4))
    link = Payer("10.0.0.1", patient=True)
    assert [addresses.pay(link, "post", 0, "general") for _ in range(3)] == [0, 0, 2]
    assert paid(addresses, ADA, 10, room="general") == 0
    assert paid(addresses, Payer("10.0.0.2", "bob"), 10, room="general") == 1


def test_who_goes_on_when_told_to_slow_down_is_noticed() -> None:
    addresses = Addresses(FEW)
    assert [addresses.bear(ADA, 0) for _ in range(4)] == [True, True, False, False]
    assert addresses.bear(ADA, 10)


def test_the_more_of_an_address_was_refused_the_longer_it_is_not_read() -> None:
    addresses = Addresses(Limits(refusal_rate=1, refusal_burst=2, address_share=2))
    others = [Payer("10.0.0.1", f"person {number}") for number in range(7)]
    assert [addresses.rest(each, 0) for each in others] == [REFUSED] * 4 + [0.5, MOST_REST, MOST_REST]
    assert addresses.rest(Payer("10.0.0.2", "ada"), 0) == REFUSED
    assert [addresses.rest(Payer(), 0) for _ in range(9)] == [REFUSED] * 9


def test_requests_are_counted_for_each_address() -> None:
    addresses = Addresses(Limits(request_rate=1, request_burst=1, address_share=2))
    addresses.charge_request("10.0.0.1", 0)
    addresses.charge_request("10.0.0.1", 0)
    with pytest.raises(SlowDown, match="Too many requests; try again in a second"):
        addresses.charge_request("10.0.0.1", 0)
    addresses.charge_request("10.0.0.2", 0)


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


def test_many_who_make_rooms_fill_no_memory() -> None:
    addresses = Addresses(FEW)
    for _ in range(2):
        addresses.charge_room("10.0.0.1", 0)
    for number in range(MOST_MAKERS - 1):
        addresses.charge_room(f"fe80::{number}", 0)
    with pytest.raises(LimitReached):
        addresses.charge_room("10.0.0.1", 0)
    addresses.charge_room("fe81::", 0)
    addresses.charge_room("10.0.0.1", 0)  # forgotten: the one that made one longest ago


def test_many_in_one_command_count_as_so_many() -> None:
    addresses = Addresses(msgspec.structs.replace(Limits(), bring_burst=4, bring_rate=1, address_share=1))
    link = Payer("10.0.0.1", "link", patient=True)
    assert addresses.pay(link, "bring", 0, "general", 4) == 0
    assert addresses.pay(link, "bring", 0, "general", 3) == 3
