from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
import pytest

from lanchat.identity import NodeCertificate
from lanchat.lan.directory import couriers as module
from lanchat.lan.directory.couriers import MOST, Couriers
from lanchat.protocol import Quorum
from tests.support.identity import SEAL
from tests.support.rooms.said import HERE

STEP = Quorum(room="n1", step="seek", sender=f"here.{'0' * 16}", to=f"there.{'0' * 16}", port=1)


class FakeCourier:
    """A courier that goes nowhere."""

    made: ClassVar[list["FakeCourier"]] = []

    def __init__(self, room: str, node: str, **_: Any) -> None:
        self.room, self.node = room, node
        self.addresses: Sequence[str] = ()
        self.sent: list[Quorum] = []
        self.idle = False
        self.closed = False
        self.made.append(self)

    def send(self, frame: Quorum) -> None:
        self.sent.append(frame)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def couriers(monkeypatch: pytest.MonkeyPatch) -> Couriers:
    monkeypatch.setattr(FakeCourier, "made", [])
    monkeypatch.setattr(module, "Courier", FakeCourier)
    return Couriers(HERE, SEAL, NodeCertificate.new())


async def test_one_for_each_room_and_node(couriers: Couriers) -> None:
    first, second = STEP, msgspec.structs.replace(STEP, term=2)
    couriers.carry("n1", "a", ["192.0.2.1:1"], first)
    couriers.carry("n1", "a", ["192.0.2.2:1"], second)
    couriers.carry("n2", "a", ["192.0.2.2:1"], second)
    assert [(made.room, made.sent, made.addresses) for made in FakeCourier.made] == [
        ("n1", [first, second], ["192.0.2.2:1"]),
        ("n2", [second], ["192.0.2.2:1"]),
    ]
    await couriers.close()
    assert all(made.closed for made in FakeCourier.made)


def test_there_are_so_many_and_those_that_are_idle_go_first(couriers: Couriers) -> None:
    for number in range(MOST + 1):
        couriers.carry("n1", str(number), ["192.0.2.1:1"], STEP)
    assert len(FakeCourier.made) == MOST
    FakeCourier.made[3].idle = True
    couriers.carry("n1", "late", ["192.0.2.1:1"], STEP)
    assert FakeCourier.made[-1].node == "late"
    couriers.carry("n1", "3", ["192.0.2.1:1"], STEP)
    assert len(FakeCourier.made) == MOST + 1
