import msgspec

from lanchat.limits import Limits, rows


def test_every_limit_has_a_value_a_unit_and_a_meaning() -> None:
    shown = rows(Limits())
    assert [limit.name for limit in shown] == list(Limits.__struct_fields__)
    assert all(limit.meaning.endswith(".") and limit.value == limit.default for limit in shown)
    unbounded = [limit.name for limit in shown if not limit.value]
    assert unbounded == ["mirror_days"]  # how much there may be is bounded beside it
    assert {limit.unit for limit in shown} <= {"a second", "at once", "", "s", "bytes", "days"}


def test_what_may_happen_a_second_also_says_what_may_happen_at_once() -> None:
    names = Limits.__struct_fields__
    rates = {name.removesuffix("_rate") for name in names if name.endswith("_rate")}
    assert rates == {name.removesuffix("_burst") for name in names if name.endswith("_burst")}


def test_a_value_that_was_set_is_shown_beside_the_default() -> None:
    limits = msgspec.structs.replace(Limits(), rooms=7)
    assert next((limit.value, limit.default) for limit in rows(limits) if limit.name == "rooms") == (
        7,
        Limits().rooms,
    )


def test_normal_use_is_within_the_limits() -> None:
    limits = Limits()
    assert limits.post_rate >= 2 * 10, "ten messages a second of one person"
    assert limits.post_rate * limits.address_share >= 20 * 10, "twenty such people behind one address"
    assert limits.join_burst * limits.address_share >= 300, "a class that comes in at once"
    assert limits.post_burst * limits.address_share >= 10_000, "an outbox after a cut"
    assert limits.page_burst * limits.address_share >= 1_000_000 / 500, "a link that catches up"
    assert limits.members >= 300
