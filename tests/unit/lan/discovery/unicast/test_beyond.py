"""What nodes say of their other networks, and when that counts."""

from lanchat.lan.discovery.unicast import beyond as module
from lanchat.lan.discovery.unicast.beyond import Beyond


def near(address: str) -> bool:
    return address.startswith("10.0.")


def test_a_network_counts_while_the_node_answers_in_it() -> None:
    there: set[tuple[str, str]] = set()
    beyond = Beyond(lambda node, address: (node, address) in there)
    assert beyond.say("m", ["10.0.0.9/16", "10.78.0.9/24"], near) == ["10.78.0.9"]
    assert not beyond.covers("10.78.0.5")
    there.add(("m", "10.78.0.9"))
    assert beyond.covers("10.78.0.5")
    assert not beyond.covers("10.78.1.5")
    assert not beyond.covers("no address")
    assert beyond.say("m", ["10.78.0.9/8"], near) == ["10.78.0.9"]
    assert beyond.covers("10.78.0.5"), "what it said first of an address stands"
    assert beyond.say("m", ["10.0.0.9/16"], near) == []
    assert not beyond.covers("10.78.0.5"), "it is there no more"


def test_of_a_wide_network_only_what_is_around_the_node_counts() -> None:
    beyond = Beyond(lambda node, address: True)
    beyond.say("m", ["172.16.4.9/12"], near)
    assert beyond.covers("172.16.7.255")
    assert not beyond.covers("172.16.8.1")
    assert not beyond.covers("fd00::1")


def test_what_is_no_private_network_is_passed_over() -> None:
    beyond = Beyond(lambda node, address: True)
    bad = [
        "8.8.8.8/24",
        "127.0.0.1/8",
        "169.254.1.1/16",
        "fd00::1/64",
        "224.0.0.1/4",
        "10.9.0.1/99",
        "x",
        "",
        "10.9.0.1/32",
    ]
    assert beyond.say("m", bad, near) == []
    assert not beyond.covers("8.8.8.9")


def test_who_names_thousands_of_networks_has_few_of_them_asked() -> None:
    there: set[str] = set()
    beyond = Beyond(lambda node, address: node in there)
    assert beyond.say("m", ["10.78.0.9/24", "10.79.0.9/24", "10.80.0.9/24"], near) == ["10.78.0.9", "10.79.0.9"]
    there.add("m")
    for number in range(1_000):
        beyond.say(f"liar {number}", [f"10.90.{number % 256}.1/24"], near)
    assert len(beyond._said) == module.MOST
    assert beyond.covers("10.78.0.5"), "what has shown to be so stays"
    there.update(node for node, _ in beyond._said)
    assert beyond.say("late", ["10.99.0.1/24"], near) == []
