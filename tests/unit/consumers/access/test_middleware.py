"""Apps around others: the scope that one changes is that of what is inside, and of nobody else."""

from typing import Any

import pytest

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.access.middleware import BaseMiddleware, as_app
from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope
from tests.support.consumers.asgi_servers import SERVERS, Serving
from tests.support.consumers.listening import first


class Colour(BaseMiddleware):
    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        await super().__call__({**scope, "colour": scope.get("colour", "") + "red"}, receive, send)


class Shown(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.accept()
        await self.send(str(self.scope["colour"]))


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_what_is_written_into_the_scope_reaches_the_consumer(serving: Serving) -> None:
    async with serving(Colour(Colour(Shown))) as at:
        assert await first(f"ws://{at}/") == "redred"


async def test_the_scope_outside_stays_as_it_was() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        scope["mine"] = True
        seen.append(scope)

    outside: dict[str, Any] = {"type": "http"}
    await BaseMiddleware(app)(outside, None, None)  # type: ignore[arg-type]
    assert outside == {"type": "http"}
    assert seen == [{"type": "http", "mine": True}]


@pytest.mark.parametrize("wrong", [None, "app", 7, int])
def test_what_is_no_app_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="An ASGI app or a consumer class is wanted"):
        as_app(wrong)
