"""The testing kit itself: with consumers of ours, and with any ASGI app."""

import asyncio
from collections.abc import Callable

import pytest
from fast_channels.consumer.websocket import AsyncWebsocketConsumer as FastConsumer

from lanchat.consumers import AsyncHttpConsumer, AsyncWebsocketConsumer
from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope
from lanchat.consumers.testing import ApplicationCommunicator, HttpCommunicator, WebsocketCommunicator
from lanchat.layers import InMemoryChannelLayer, Message


class Echo(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        wanted = self.scope["subprotocols"]
        await self.accept(wanted[0] if wanted else None, headers=[("X-Room", "general")])

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data, bytes_data)


@pytest.mark.parametrize("app", [Echo, Echo.as_asgi(), "instance"])
async def test_a_class_an_app_and_an_instance_can_be_talked_to(app: object) -> None:
    communicator = WebsocketCommunicator(Echo() if app == "instance" else app, "/x")  # type: ignore[arg-type]
    assert await communicator.connect() == (True, None)
    await communicator.send_to("one")
    assert await communicator.receive_from() == "one"
    await communicator.send_to(bytes_data=b"two")
    assert await communicator.receive_from() == b"two"
    await communicator.send_json_to({"three": 3})
    assert await communicator.receive_json_from() == {"three": 3}
    assert await communicator.receive_nothing()
    await communicator.disconnect()


async def test_the_handshake_has_headers_subprotocols_and_a_query() -> None:
    headers = [(b"Origin", b"http://example.org")]
    communicator = WebsocketCommunicator(Echo, "/ws/K%C3%BCche?a=b%20c", headers, ["chat", "x"], spec_version="2.4")
    assert communicator.response_headers is None
    communicator.scope["path_params"] = {"room": "x"}
    assert await communicator.connect() == (True, "chat")
    assert communicator.response_headers == [(b"x-room", b"general")]
    scope = communicator.scope
    assert (scope["type"], scope["path"], scope["query_string"]) == ("websocket", "/ws/Küche", b"a=b%20c")
    assert scope["headers"] == [(b"origin", b"http://example.org")]
    assert scope["asgi"] == {"version": "3.0", "spec_version": "2.4"}
    await communicator.disconnect()


async def test_a_refusal_gives_its_code() -> None:
    class Refuser(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.close(4003)

    async with WebsocketCommunicator(Refuser, "/") as communicator:
        assert await communicator.connect() == (False, 4003)
        await communicator.wait()


async def test_what_was_not_taken_can_still_be_received() -> None:
    async with WebsocketCommunicator(Echo, "/") as communicator:
        await communicator.connect()
        await communicator.send_to("one")
        assert not await communicator.receive_nothing(timeout=1)
        assert not await communicator.receive_nothing(timeout=1)
        assert await communicator.receive_from() == "one"


async def test_in_vain_waiting_says_what_came_before() -> None:
    async with WebsocketCommunicator(Echo, "/") as communicator:
        await communicator.connect()
        await communicator.send_to("one")
        await communicator.receive_from()
        with pytest.raises(TimeoutError, match=r"nothing came within 0\.01 s; the last that came: .*'text': 'one'"):
            await communicator.receive_from(timeout=0.01)
        with pytest.raises(TimeoutError, match=r"not ended within 0\.01 s"):
            await communicator.wait(timeout=0.01)
        assert await communicator.receive_output() == {"type": "websocket.close", "code": 1001}
        with pytest.raises(TimeoutError, match="the app has ended"):
            await communicator.receive_output(timeout=100)


async def test_something_else_than_expected_is_shown() -> None:
    async with WebsocketCommunicator(Echo, "/") as communicator:
        await communicator.connect()
        await communicator.send_input({"type": "websocket.receive", "text": "one"})
        with pytest.raises(ValueError, match="send_to needs"):
            await communicator.send_to()
        await communicator.receive_output()
        consumer_closes = WebsocketCommunicator(_Closer, "/")
        await consumer_closes.connect()
        with pytest.raises(AssertionError, match=r"should have sent websocket\.send; it sent .*websocket\.close"):
            await consumer_closes.receive_from()
        await consumer_closes.wait()


class _Closer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.accept()
        await self.close()


async def _broken(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
    await receive()
    raise RuntimeError("broken")


@pytest.mark.parametrize("call", ["receive_output", "receive_nothing", "wait", "disconnect"])
async def test_what_a_consumer_would_only_log_is_raised(call: str) -> None:
    class Clumsy(AsyncWebsocketConsumer):
        groups = ("all",)

        async def room_message(self, event: Message) -> None:
            raise RuntimeError("fell")

    layer = InMemoryChannelLayer()
    communicator = WebsocketCommunicator(Clumsy(layers={"default": layer}), "/")
    await communicator.connect()
    await layer.group_send("all", {"type": "room.message"})
    with pytest.raises(RuntimeError, match="fell") as caught:
        await getattr(communicator, call)()
    note = "This happened on a message of type 'room.message'; outside a test it is logged."
    assert caught.value.__notes__ == [note]
    await communicator.stop()
    await layer.close()


async def test_what_any_app_raises_is_raised() -> None:
    communicator = ApplicationCommunicator(_broken, {"type": "websocket"})
    await communicator.send_input({"type": "websocket.connect"})
    with pytest.raises(RuntimeError, match="broken"):
        await communicator.receive_output()


async def test_what_an_app_raises_is_raised_at_the_end_of_the_block_unless_the_test_failed_itself() -> None:
    async def talk(end: Callable[[], None]) -> None:
        async with ApplicationCommunicator(_broken, {"type": "websocket"}) as communicator:
            await communicator.send_input({"type": "websocket.connect"})
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            end()

    def fail() -> None:
        raise KeyError("the test's own")

    with pytest.raises(RuntimeError, match="broken"):
        await talk(lambda: None)
    with pytest.raises(KeyError, match="the test's own"):
        await talk(fail)


async def test_a_consumer_of_fast_channels_can_be_talked_to() -> None:
    class Theirs(FastConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await self.send(text_data=f"theirs: {text_data}")

    communicator = WebsocketCommunicator(Theirs.as_asgi(), "/")
    assert await communicator.connect() == (True, None)
    await communicator.send_to("hello")
    assert await communicator.receive_from() == "theirs: hello"
    await communicator.disconnect()


async def test_http_gives_the_whole_answer() -> None:
    class Parts(AsyncHttpConsumer):
        async def handle(self, body: bytes) -> None:
            await self.send_headers(201, {"X-Method": self.scope["method"]})
            await self.send_body(b"you said ", more_body=True)
            await self.send_body(body)

    response = await HttpCommunicator(Parts, "post", "/x?y", b"hello", [(b"Accept", b"*/*")]).get_response()
    assert response == {"status": 201, "headers": [(b"x-method", b"POST")], "body": b"you said hello"}


async def test_http_says_what_came_instead() -> None:
    async def backwards(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        await send({"type": "http.response.body", "body": b""})

    with pytest.raises(AssertionError, match=r"should have sent http\.response\.start"):
        await HttpCommunicator(backwards, "GET", "/").get_response()
