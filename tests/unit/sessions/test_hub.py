"""What the layer brings of a group is prepared once and reaches every listener of the node."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest

from lanchat.consumers.outbox import text_frame
from lanchat.layers import InMemoryChannelLayer, LayerUnreachable, Message
from lanchat.protocol import Author, Body, Event, Kind
from lanchat.protocol.codec import encode
from lanchat.sessions.hub import Hub, Run

ADA = Author(id="ada-ada-ada", nick="Ada")


def event(seq: int, text: str = "hi", kind: Kind = "message") -> bytes:
    body = Body(text=text, target="" if kind == "message" else "n1")
    return encode(Event(room="r", seq=seq, term=1, nonce=f"n{seq}", author=ADA, at=1, kind=kind, body=body))


def run(first: int, *frames: bytes) -> Message:
    plain = [""] * len(frames)
    return {
        "type": "room.events",
        "room": "r",
        "first": first,
        "frames": list(frames),
        "signatures": plain,
        "vouchers": plain,
    }


class Listener:
    """Keeps what it hears, and does something with it if it is told what."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.heard: list[Run | Message] = []
        self._then = then

    def on_message(self, message: Run | Message) -> None:
        self.heard.append(message)
        self._then()


def fail() -> None:
    raise RuntimeError("broken")


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        yield layer


@pytest.fixture
async def hub(layer: InMemoryChannelLayer) -> AsyncIterator[Hub]:
    hub = Hub(layer)
    yield hub
    await hub.close()


async def test_all_listeners_share_one_channel_and_one_form(layer: InMemoryChannelLayer, hub: Hub) -> None:
    listeners = [Listener(), Listener(), Listener()]
    for one in listeners:
        await hub.enter("g", one)
    assert len(await layer.group_members("g")) == 1
    await layer.group_send("g", run(1, event(1), event(2)))
    (first,), (second,), (third,) = (one.heard for one in listeners)
    assert first is second is third
    assert isinstance(first, Run)
    assert (first.first, first.last) == (1, 2)
    assert first.wire == text_frame(event(1)) + text_frame(event(2))
    assert first.wire is first.wire


async def test_other_messages_come_as_they_are(layer: InMemoryChannelLayer, hub: Hub) -> None:
    listener = Listener()
    await hub.enter("g", listener)
    await layer.group_send("g", {"type": "room.line", "text": "x"})
    assert listener.heard == [{"type": "room.line", "text": "x"}]


async def test_who_left_hears_nothing_more_and_the_last_one_ends_the_channel(
    layer: InMemoryChannelLayer, hub: Hub
) -> None:
    one, two = Listener(), Listener()
    for listener in (one, two):
        await hub.enter("g", listener)
    await hub.leave("g", one)
    await layer.group_send("g", {"type": "t"})
    assert (one.heard, two.heard) == ([], [{"type": "t"}])
    await hub.leave("g", two)
    await hub.leave("g", two)
    assert (layer.groups, layer.channels) == ({}, {})


async def test_a_listener_that_fails_hurts_nobody_else(
    layer: InMemoryChannelLayer, hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener()
    await hub.enter("g", Listener(fail))
    await hub.enter("g", listener)
    with caplog.at_level(logging.ERROR):
        await layer.group_send("g", {"type": "t"})
    assert listener.heard == [{"type": "t"}]
    assert "broken" in caplog.text


async def test_a_listener_may_leave_while_it_listens(layer: InMemoryChannelLayer, hub: Hub) -> None:
    leaving: list[asyncio.Task[None]] = []
    once = Listener(lambda: leaving.append(asyncio.create_task(hub.leave("g", once))))
    await hub.enter("g", once)
    await layer.group_send("g", {"type": "t"})
    await leaving[0]
    await layer.group_send("g", {"type": "t"})
    assert len(once.heard) == 1


async def test_who_comes_while_the_last_one_goes_stays(layer: InMemoryChannelLayer, hub: Hub) -> None:
    last, new = Listener(), Listener()
    for _ in range(20):
        await hub.enter("g", last)
        await asyncio.gather(hub.leave("g", last), hub.enter("g", new))
        new.heard.clear()
        await layer.group_send("g", {"type": "t"})
        assert new.heard == [{"type": "t"}]
        await hub.leave("g", new)


async def test_a_layer_that_cannot_be_reached_lets_nobody_in(
    layer: InMemoryChannelLayer, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(group: str, channel: str) -> None:
        raise LayerUnreachable

    with monkeypatch.context() as patch:
        patch.setattr(layer, "group_add", away)
        with pytest.raises(LayerUnreachable):
            await hub.enter("g", Listener())
    assert layer.channels == {}
    listener = Listener()
    await hub.enter("g", listener)
    await layer.group_send("g", {"type": "t"})
    assert listener.heard == [{"type": "t"}]


def test_a_run_gives_what_comes_after_a_cursor() -> None:
    whole = Run(5, [event(5), event(6), event(7)])
    assert whole.after(4) is whole.wire
    assert whole.after(5) == text_frame(event(6)) + text_frame(event(7))
    assert whole.after(7) == b""


def test_another_form_of_a_run_is_made_once_for_all_who_want_it() -> None:
    made: list[Run] = []

    def render(run: Run) -> bytes:
        made.append(run)
        return b"form"

    run = Run(1, [event(1)])
    assert run.form(render) == run.form(render) == b"form"
    assert made == [run]
    assert run.form(lambda run: b"other") == b"other"
