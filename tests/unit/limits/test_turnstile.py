from lanchat.limits import Addresses, Limits, Turnstile


def test_one_address_has_less_than_all_and_others_still_come_in() -> None:
    turnstile = Turnstile(most=6, each=3)
    assert [turnstile.enter("10.0.0.1", 0) for _ in range(5)] == [True, True, True, False, False]
    assert [turnstile.enter("10.0.0.2", 0) for _ in range(4)] == [True, True, True, False]
    assert not turnstile.enter("10.0.0.3", 0)
    turnstile.leave("10.0.0.1")
    assert turnstile.enter("10.0.0.3", 0)
    assert len(turnstile) == 6


def test_one_address_begins_so_many_a_second_whatever_becomes_of_them() -> None:
    turnstile = Turnstile(100, 100, Addresses(Limits(handshake_rate=1, handshake_burst=2, address_share=2)))

    def come(now: float, address: str = "10.0.0.1") -> int:
        came = 0
        for _ in range(20):
            if turnstile.enter(address, now):
                turnstile.leave(address)
                came += 1
        return came

    assert [come(0), come(0), come(1), come(100)] == [4, 0, 2, 4]
    assert come(0, "10.0.0.2") == 4


def test_who_has_left_takes_no_memory() -> None:
    turnstile = Turnstile(10, 10)
    for number in range(1000):
        turnstile.enter(f"10.0.{number}", 0)
        turnstile.leave(f"10.0.{number}")
    assert len(turnstile) == 0
    assert not turnstile._inside


def test_a_proxy_has_as_many_places_as_all_and_begins_as_many_as_come() -> None:
    bounds = Addresses(Limits(handshake_rate=1, handshake_burst=2, address_share=1))
    turnstile = Turnstile(6, 2, bounds, lambda address: address == "10.0.0.2")
    assert [turnstile.enter("10.0.0.2", 0) for _ in range(7)] == [True] * 6 + [False]
    turnstile.leave("10.0.0.2")
    assert turnstile.enter("10.0.0.1", 0)
