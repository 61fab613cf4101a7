"""Which machine it is: an image and a copy are told from a new dock, a VPN and a system that was installed anew."""

from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from lanchat.identity import machine as module
from lanchat.identity.machine import Machine, is_remote, read


class Entry(NamedTuple):
    """An address of a card."""

    family: int
    address: str


class Mount(NamedTuple):
    """Where a file system is."""

    mountpoint: str
    fstype: str


DESK, WIFI, OTHER = "00:1b:21:aa:bb:cc", "3c:22:fb:11:22:33", "00:1b:21:dd:ee:ff"


def machine(system: str, *cards: str) -> Machine:
    return Machine(system, frozenset(cards))


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        (machine("a", DESK), machine("a", DESK), True),
        (machine("a", DESK, WIFI), machine("a", WIFI), True),
        (machine("a", WIFI), machine("a", WIFI, "dock"), True),
        (machine("a", DESK), machine("installed anew", DESK), True),
        (machine("a"), machine("a"), True),
        (machine("a"), machine("a", DESK), True),
        (machine("a", DESK), machine("a"), True),
        (machine(""), machine("a"), True),
        (machine("", DESK), machine("", DESK), True),
        (machine("the image's", DESK), machine("the image's", OTHER), False),
        (machine("a", DESK), machine("b", OTHER), False),
        (machine("a"), machine("b"), False),
        (machine("a", DESK), machine("b"), False),
    ],
)
def test_what_is_one_machine(before: Machine, now: Machine, same: bool) -> None:
    assert before.is_same(now) is same
    assert now.is_same(before) is same


def test_a_card_that_is_away_is_remembered() -> None:
    docked = machine("a", WIFI, "dock")
    away = machine("a", WIFI).with_cards_of(docked)
    assert away.is_same(machine("a", "dock"))


def test_this_machine_is_itself_and_told_to_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "id").write_text("0123456789abcdef\n")
    monkeypatch.setattr(module, "_IDS", (tmp_path / "none", tmp_path / "id"))
    monkeypatch.setattr(module, "_CARDS", tmp_path / "no such folder")
    cards = {"eth0": [Entry(psutil.AF_LINK, DESK)]}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: cards)
    here = Machine.here("salt")
    assert here == Machine.here("salt")
    assert here != Machine.here("another")
    assert len(here.cards) == 1
    for word in (DESK, "0123456789abcdef"):
        assert word not in str(here)


@pytest.mark.parametrize(
    "address",
    ["02:42:ac:11:00:02", "da:a1:19:00:00:01", "00:00:00:00:00:00", "01:00:5e:00:00:fb", "", "junk", "00:1b:21"],
)
def test_an_address_that_was_made_up_is_no_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str) -> None:
    monkeypatch.setattr(module, "_CARDS", tmp_path / "no such folder")
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"x": [Entry(psutil.AF_LINK, address)]})
    assert module._cards() == set()


def test_a_virtual_card_and_one_on_a_cable_are_no_part_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, device in (("eth0", "pci0000:00/0000:00:1f.6"), ("dock0", "pci0000:00/usb2/2-1"), ("tun0", "")):
        (tmp_path / "net" / name).mkdir(parents=True)
        if device:
            (tmp_path / device).mkdir(parents=True)
            (tmp_path / "net" / name / "device").symlink_to(tmp_path / device)
    cards = {"eth0": DESK, "dock0": OTHER, "tun0": WIFI}
    monkeypatch.setattr(module, "_CARDS", tmp_path / "net")
    monkeypatch.setattr(
        psutil, "net_if_addrs", lambda: {name: [Entry(psutil.AF_LINK, card)] for name, card in cards.items()}
    )
    assert module._cards() == {DESK}


@pytest.mark.parametrize(("kind", "remote"), [("nfs4", True), ("cifs", True), ("ext4", False), ("fuse.sshfs", True)])
def test_a_folder_on_another_machine_is_known_by_its_mount(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, remote: bool
) -> None:
    mounts = [Mount("/", "ext4"), Mount(str(tmp_path), kind), Mount("/somewhere/else", "nfs")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)  # noqa: A006
    assert is_remote(tmp_path / "data") is remote


@pytest.mark.parametrize("text", [b"", b"junk", b"[]", b'{"id": 1}', b"\xff"])
def test_what_cannot_be_read_remembers_nothing(tmp_path: Path, text: bytes) -> None:
    assert read(tmp_path / "none") is None
    (tmp_path / "machine.json").write_bytes(text)
    assert read(tmp_path / "machine.json") is None
