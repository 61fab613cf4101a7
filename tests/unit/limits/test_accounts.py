from lanchat.limits import TokenRate
from lanchat.limits.accounts import MOST, Accounts


def few() -> Accounts:
    return Accounts({"post": TokenRate(1, 2), "join": TokenRate(10, 1)})


def test_each_has_its_own_of_each_kind() -> None:
    accounts = few()
    assert [accounts.take("ada", "post", 0) for _ in range(3)] == [0, 0, 1]
    assert accounts.take("ada", "join", 0) == 0
    assert accounts.take("bob", "post", 0) == 0


def test_who_may_wait_goes_into_debt() -> None:
    accounts = few()
    assert [accounts.spend("ada", "post", 0) for _ in range(4)] == [0, 0, 1, 2]
    assert accounts.take("ada", "post", 0) == 3


def test_whoever_has_everything_again_is_forgotten() -> None:
    accounts = few()
    for number in range(10_000):
        accounts.take(f"person {number}", "join", number / 10)
    assert len(accounts) < 100


def test_nobody_who_owes_something_is_forgotten_for_others() -> None:
    accounts = few()
    accounts.spend("ada", "post", 0, 1000)
    for number in range(10_000):
        accounts.take(f"person {number}", "join", number / 10_000)
    assert accounts.take("ada", "post", 1) > 0


def test_many_who_all_owe_something_fill_no_memory() -> None:
    accounts = few()
    for number in range(3 * MOST):
        assert accounts.take(f"person {number}", "post", 0) == 0
    assert len(accounts) <= MOST + 1
    assert [accounts.take(f"person {3 * MOST - 1}", "post", 0) for _ in range(2)] == [0, 1]
