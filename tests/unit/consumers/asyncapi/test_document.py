"""The document of consumers: its channels, operations and references, as the specification wants them."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from lanchat.consumers import AsyncWebsocketConsumer, TypedWebsocketConsumer
from lanchat.consumers.access import AuthMiddleware, OriginValidator
from lanchat.consumers.asyncapi.document import asyncapi_document
from lanchat.consumers.routing import ProtocolTypeRouter, URLRouter, route


class Say(msgspec.Struct, tag="say"):
    """Say something to everybody.

    More is not said.
    """

    text: str


class Point(msgspec.Struct):
    x: int


class Move(msgspec.Struct, tag="move"):
    to: Point


class Done(msgspec.Struct, tag="done"):
    what: str


class Moved(msgspec.Struct, tag="moved"):
    to: Point


class Game(TypedWebsocketConsumer):
    """A game for two."""

    sends = (Done,)

    async def receive_content(self, content: Say | Move) -> None: ...

    async def moved(self, event: Moved) -> None: ...


class Plain(AsyncWebsocketConsumer):
    async def news(self, event: dict[str, Any]) -> None: ...


ROUTES = {"/game/{name}": Game, "/plain": Plain}


def references(value: object) -> Iterator[str]:
    """Yield every reference in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def found(document: dict[str, Any], reference: str) -> Any:
    value: Any = document
    for part in reference.removeprefix("#/").split("/"):
        value = value[part]
    return value


def test_channels_and_operations_say_who_sends_what() -> None:
    document = asyncapi_document(ROUTES, title="Games", version="2.1.0")
    assert document["asyncapi"] == "3.0.0"
    assert document["info"] == {"title": "Games", "version": "2.1.0"}
    assert set(document["channels"]) == {"game_name", "game_name_events", "plain"}
    game = document["channels"]["game_name"]
    assert (game["address"], game["description"]) == ("/game/{name}", "A game for two.")
    assert (game["parameters"], game["bindings"]) == ({"name": {}}, {"ws": {}})
    assert set(game["messages"]) == {"Say", "Move", "Done"}
    assert document["channels"]["game_name_events"]["address"] is None
    assert document["channels"]["plain"]["messages"] == {}
    told = {
        name: (operation["action"], [found(document, each["$ref"])["$ref"] for each in operation["messages"]])
        for name, operation in document["operations"].items()
    }
    messages = "#/components/messages/"
    assert told == {
        "receive_game_name": ("receive", [f"{messages}Say", f"{messages}Move"]),
        "send_game_name": ("send", [f"{messages}Done"]),
        "receive_game_name_events": ("receive", [f"{messages}Moved"]),
    }
    assert document["components"]["messages"]["Say"]["summary"] == "Say something to everybody."


def test_every_reference_leads_somewhere_and_it_is_json() -> None:
    document = json.loads(json.dumps(asyncapi_document(ROUTES)))
    assert {reference for reference in references(document) if not found(document, reference)} == set()
    assert set(document["components"]["schemas"]) == {"Say", "Move", "Done", "Moved", "Point"}
    assert document["components"]["schemas"]["Say"]["properties"]["type"] == {"enum": ["say"]}


def test_the_names_are_those_that_the_specification_allows() -> None:
    many = {"/": Plain, "/ a/{b:int}/": Plain, "/-a-b": Plain, "/Küche": Plain}
    document = asyncapi_document(many)
    assert list(document["channels"]) == ["root", "a_b", "a_b_", "K_che"]
    assert document["channels"]["a_b"]["address"] == "/ a/{b}/"


def test_consumers_are_found_behind_routers_and_middleware() -> None:
    async def nobody(scope: object) -> None: ...

    async def other(scope: object, receive: object, send: object) -> None: ...

    inner = URLRouter([route("{name}", Game.as_asgi()), route("other/{x}", other)])
    app = ProtocolTypeRouter({"websocket": OriginValidator(AuthMiddleware(URLRouter([route("/in/", inner)]), nobody))})
    document = asyncapi_document(app)
    assert [channel["address"] for channel in document["channels"].values()] == ["/in/{name}", None]
    assert asyncapi_document(ProtocolTypeRouter({}))["channels"] == {}


@pytest.mark.parametrize("wrong", [None, 7, Game, [Game]])
def test_what_leads_to_no_consumers_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="consumers by their paths, or of a router"):
        asyncapi_document(wrong)
