"""Consumers in spans, on every server; and without OpenTelemetry."""

from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect

from lanchat.consumers import AsyncWebsocketConsumer, WebsocketConsumer
from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.consumers.tracing import spans
from lanchat.consumers.tracing.traced import Traced
from lanchat.consumers.tracing.traced_layer import trace_layer
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.support.conditions import eventually
from tests.support.consumers.asgi_servers import SERVERS, Serving
from tests.support.consumers.servers import serving as natively
from tests.support.consumers.spans import Spans, recorded

__all__ = ["recorded"]


class Room(Traced, AsyncWebsocketConsumer):
    groups = ("room",)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        assert self.channel_layer is not None
        await self.channel_layer.group_send("room", {"type": "chat.said", "text": text_data})

    async def chat_said(self, event: Message) -> None:
        if event["text"] == "fail":
            raise RuntimeError("broken")
        await self.send(f"{event['text']} {sorted(event)}")


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("default", trace_layer(layer))
        yield layer
        unregister_channel_layer("default")


async def _talk(at: str) -> None:
    async with connect(f"ws://{at}/ws") as client:
        await client.send("hello")
        assert await client.recv() == "hello ['text', 'type']"
        await client.send("fail")
        await client.send("again")
        assert await client.recv() == "again ['text', 'type']"


async def _check(recorded: Spans) -> None:
    await eventually(lambda: any(each.name == "Room websocket.disconnect" for each in recorded()))
    found = recorded()
    (connected,) = [each for each in found if each.name == "Room websocket.connect"]
    assert dict(connected.attributes or {})["url.path"] == "/ws"
    received = [each for each in found if each.name == "Room websocket.receive"]
    handled = [each for each in found if each.name == "Room chat.said"]
    sent = [each for each in found if each.name == "group_send room"]
    assert len(received) == len(handled) == len(sent) == 3
    for parts in zip(received, sent, handled, strict=True):
        ids = [part.context.span_id for part in parts if part.context is not None]
        assert len({part.context.trace_id for part in parts if part.context is not None}) == 1
        assert [part.parent.span_id for part in parts[1:] if part.parent is not None] == ids[:2]
    assert [each.status.is_ok for each in handled] == [True, False, True]
    (left,) = [each for each in found if each.name == "Room websocket.disconnect"]
    assert left.status.is_ok


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_message_is_one_trace_from_its_client_to_its_handlers(
    serving: Serving, layer: InMemoryChannelLayer, recorded: Spans
) -> None:
    async with serving(Room.as_asgi()) as at:
        await _talk(at)
        await _check(recorded)


async def test_the_adapter_to_aiohttp_is_traced_as_well(layer: InMemoryChannelLayer, recorded: Spans) -> None:
    async with natively(Room) as (at, _):
        await _talk(at)
        await _check(recorded)


async def test_without_opentelemetry_nothing_is_traced(monkeypatch: pytest.MonkeyPatch, recorded: Spans) -> None:
    monkeypatch.setattr(spans, "_api", None)
    monkeypatch.setattr(spans, "_propagate", None)

    class Sync(Traced, WebsocketConsumer):  # type: ignore[misc]  # its own bases disagree
        def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            self.send(text_data)

    async with InMemoryChannelLayer() as layer:
        assert "group_send" not in vars(trace_layer(layer))
        with spans.span("nothing", "SERVER", {}):
            assert spans.carried() == {}
        for kind in (Room, Sync):
            async with WebsocketCommunicator(kind(layers={"default": layer}), "/") as client:
                await client.connect()
                await client.send_to("hello")
                assert str(await client.receive_from()).startswith("hello")
                await client.disconnect()
    assert recorded() == ()
