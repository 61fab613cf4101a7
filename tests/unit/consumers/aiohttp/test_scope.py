"""What a consumer on aiohttp knows of its connection."""

from websockets.asyncio.client import connect

from lanchat.consumers import AsyncWebsocketConsumer, Scope
from lanchat.consumers.aiohttp.scope import Headers
from tests.support.conditions import eventually
from tests.support.consumers.servers import serving


async def test_the_scope_is_that_of_asgi() -> None:
    scopes: list[Scope] = []

    class Looker(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            scopes.append(self.scope)
            await self.accept()

    async with (
        serving(Looker, "/ws/room/{room_name}") as (at, _),
        connect(f"ws://{at}/ws/room/K%C3%BCche%2F1?a=b&c=%20", additional_headers={"X-Test": "Yes"}) as client,
    ):
        (scope,) = scopes
        assert scope["type"] == "websocket"
        assert scope["path"] == "/ws/room/Küche/1"
        assert scope["query_string"] == b"a=b&c=%20"
        assert scope["path_params"] == scope["url_route"]["kwargs"] == {"room_name": "Küche/1"}
        assert (b"x-test", b"Yes") in scope["headers"]
        assert tuple(scope["client"]) == client.local_address


async def test_the_scope_can_be_looked_at_for_the_first_time_when_the_connection_has_ended() -> None:
    clients: list[tuple[str, int]] = []

    class Looker(AsyncWebsocketConsumer):
        async def disconnect(self, code: int) -> None:
            clients.append(tuple(self.scope["client"]))

    async with serving(Looker) as (at, _), connect(f"ws://{at}/ws") as client:
        here = client.local_address
        client.transport.abort()
        await eventually(lambda: clients == [here])


def test_the_names_of_headers_are_in_lower_case() -> None:
    headers = Headers([(b"Host", b"A"), (b"X-Test", b"Yes")])
    assert list(headers) == headers[:] == [(b"host", b"A"), (b"x-test", b"Yes")]
    assert len(headers) == 2
    assert dict(headers)[b"x-test"] == b"Yes"
