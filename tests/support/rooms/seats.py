"""A room as its seat sees it, made for tests: writes down what is asked of it."""

from collections.abc import Awaitable, Sequence

from lanchat.journal import Refused, RoomRecord
from lanchat.protocol import Quorum
from tests.support.rooms.said import record


class FakeHouse:
    """One room, and the network around it."""

    def __init__(self, room: RoomRecord | None = None) -> None:
        self.record = room or record()
        self.linked = False
        self.carried: list[tuple[Quorum, str]] = []
        self.told: list[Refused] = []
        self.changes = 0
        self.nodes: list[str] = []
        self.overs = 0
        self.waits = 0.0
        self.patience = 0.0

    async def _nothing(self) -> None:
        return

    def turn_to(self, record: RoomRecord) -> Awaitable[None]:
        self.record = record
        return self._nothing()

    async def refused(self, refused: Sequence[Refused]) -> None:
        self.told += refused

    def carry(self, frame: Quorum, node: str, address: str) -> None:
        self.carried.append((frame, address))
        self.nodes.append(node)

    def probation(self, person: str, spoke: bool) -> float:
        return 0.0 if spoke else self.waits

    def address(self, host: str, port: int) -> str:
        return f"{host}:{port}"

    async def start_over(self) -> None:
        self.overs += 1

    def changed(self) -> None:
        self.changes += 1

    def steps(self) -> list[str]:
        """Return the steps that were sent since the last time."""
        steps: list[str] = [frame.step for frame, _ in self.carried]
        self.carried.clear()
        return steps
