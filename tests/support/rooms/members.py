"""Who is in a room, and what a room meets outside: listeners of the layer, a link and a network made for tests."""

import json
from collections.abc import Sequence
from typing import Any

from lanchat.errors import Unreachable
from lanchat.journal import Journal, RoomRecord
from lanchat.layers import BaseChannelLayer, Message
from lanchat.protocol import Haven, Invite, NodeInfo, Presence, Quorum, Receipts, RoomInfo, Typing, Verify
from lanchat.rooms import Home, Mirror, Room, Upstream


class Listener:
    """Somebody in a group: everything that the layer hands to them, with frames read back from JSON."""

    def __init__(self, messages: list[Message]) -> None:
        self._messages = messages

    @classmethod
    async def of(cls, layer: BaseChannelLayer, group: str) -> "Listener":
        messages: list[Message] = []
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        layer.attach(channel, messages.append)
        return cls(messages)

    @property
    def events(self) -> list[tuple[int, str]]:
        """Seq and text of every event, in the order of arrival."""
        found: list[tuple[int, str]] = []
        for message in self._messages:
            if message["type"] == "room.events":
                frames = [json.loads(frame) for frame in message["frames"]]
                assert [frame["seq"] for frame in frames] == [message["first"] + n for n in range(len(frames))]
                found.extend((frame["seq"], frame["body"]["text"]) for frame in frames)
        return found

    @property
    def frames(self) -> list[dict[str, Any]]:
        """Every frame that is not kept, in the order of arrival."""
        return [json.loads(message["frame"]) for message in self._messages if message["type"] == "room.frame"]

    @property
    def refusals(self) -> list[tuple[str, dict[str, Any]]]:
        """Every refusal: whom it is for, and its frame."""
        found = [message for message in self._messages if message["type"] == "room.refused"]
        return [(message["author"], json.loads(message["frame"])) for message in found]

    @property
    def lines(self) -> list[str]:
        """Every line of plain text."""
        return [message["text"] for message in self._messages if message["type"] == "room.line"]

    def take_frames(self) -> list[dict[str, Any]]:
        """Return the frames so far, and forget them."""
        frames = self.frames
        self._messages.clear()
        return frames


class FakeUpstream:
    """A link that writes down what it is asked for."""

    def __init__(self) -> None:
        self.online = True
        self.fetching = 0
        self.refused = ""
        self.full = False
        self.may_lose = False
        self.shared = False
        self.elsewhere: list[Haven] = []
        self.flushed = 0
        self.sent: list[Presence | Receipts | Typing | Invite | Verify] = []
        self.closed = False
        self.knocks: list[tuple[bytes, str]] = []
        self.keys: list[bytes] = []

    def flush(self) -> None:
        self.flushed += 1

    def send(self, frame: Presence | Receipts | Typing | Invite | Verify) -> None:
        self.sent.append(frame)

    async def set_key(self, key: bytes) -> None:
        self.keys.append(key)

    async def knock(self, key: bytes, invitation: str) -> None:
        self.knocks.append((key, invitation))

    async def close(self) -> None:
        self.closed = True


def home_of(record: RoomRecord, node: NodeInfo, journal: Journal, layer: BaseChannelLayer) -> Room:
    """A room that this node numbers."""
    return Room(record, node, journal, layer, lambda room: Home(journal, room.send_to_links))


def mirror_of(
    record: RoomRecord, node: NodeInfo, journal: Journal, layer: BaseChannelLayer, upstream: Upstream | None = None
) -> Room:
    """A room that another node numbers."""
    return Room(record, node, journal, layer, lambda room: Mirror(room.id, journal, upstream or FakeUpstream()))


class FakeNetwork:
    """Offers of other nodes, set by the test."""

    def __init__(self) -> None:
        self.offers: list[tuple[RoomRecord, int]] = []
        self.links: list[tuple[str, FakeUpstream]] = []
        self.carried: list[tuple[str, Quorum]] = []

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        fitting = [offer for offer, _ in self.offers if room == offer.id or name == offer.name]
        return min(fitting, key=lambda offer: offer.id) if fitting else None

    def found(self) -> list[RoomInfo]:
        return [
            RoomInfo(id=offer.id, name=offer.name, node=offer.home, kind="found", members=count, top=0, online=True)
            for offer, count in self.offers
        ]

    async def ask(self, address: str, room: str) -> RoomRecord:
        raise Unreachable(f"Nobody is at {address}, where {room} should be.")

    async def establish(self, record: RoomRecord) -> RoomRecord:
        return record

    def link(self, room: Room) -> FakeUpstream:
        upstream = FakeUpstream()
        self.links.append((room.id, upstream))
        return upstream

    def address(self, host: str, port: int) -> str:
        return f"{host}:{port}"

    def carry(self, room: Room, node: str, addresses: Sequence[str], frame: Quorum) -> None:
        self.carried.append((node, frame))
