"""What to type, by system."""

import pytest

from lanchat.lan.diagnosis.remedies import let_out, open_port


@pytest.mark.parametrize(
    ("system", "words"), [("linux", ["ufw", "firewall-cmd", "nft"]), ("win32", ["netsh"]), ("darwin", ["Firewall"])]
)
def test_every_system_has_its_firewalls(system: str, words: list[str]) -> None:
    commands = open_port(system, 28_280)
    assert [word for word in words if any(word in command for command in commands)] == words
    assert system == "darwin" or all("28280" in command for command in commands)


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_what_leaves_has_a_rule_of_its_own(system: str) -> None:
    assert let_out(system, 5353) != open_port(system, 5353, "udp")
    assert system == "darwin" or all("5353" in command for command in let_out(system, 5353))
