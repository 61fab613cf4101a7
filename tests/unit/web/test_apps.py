"""What each app offers, besides the sockets: tokens, the front, the node's description."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from lanchat.config import Config
from lanchat.journal import RoomRecord
from lanchat.lan.discovery.probe import MAX_ANSWER
from lanchat.layers.aliases import ALIASES
from lanchat.web import server as server_module
from lanchat.web.apps import MAX_BODY
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, guest, running, serving
from tests.support.conditions import eventually
from tests.support.rooms.said import event


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def once(server: Server) -> str:
    return server.new_window_url().partition("#t=")[2]


async def test_a_one_time_token_is_swapped_once(server: Server, http: aiohttp.ClientSession) -> None:
    body = json.dumps({"token": once(server)})
    async with http.post(f"{server.window_url}token", data=body) as answer:
        assert answer.status == 200
        bearer = (await answer.json())["bearer"]
    async with http.post(f"{server.window_url}token", data=body) as answer:
        assert answer.status == 401
        assert (await answer.json())["code"] == "unauthorised"
    headers = {"Authorization": f"Bearer {bearer}"}
    async with http.post(f"{server.window_url}front", headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"token": 7}', b'{"token": null}', b"\xff", b"token=x", b"[" * 60_000]
)
async def test_a_token_in_another_form_is_a_bad_request(
    server: Server, http: aiohttp.ClientSession, body: bytes
) -> None:
    async with http.post(f"{server.window_url}token", data=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["code"] == "invalid_frame"


async def test_a_large_body_is_not_read(server: Server, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{server.window_url}token", data=b"x" * (MAX_BODY + 1)) as answer:
        assert answer.status == 413
        assert "Content-Security-Policy" in answer.headers


async def test_without_a_window_the_front_gives_a_fresh_url(server: Server, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {running(server.node.config.data_dir).key}"}
    urls = []
    for _ in range(2):
        async with http.post(f"{server.window_url}front", headers=headers) as answer:
            said = await answer.json()
            assert said["shown"] is False
            urls.append(said["url"])
    assert all(url.startswith(f"{server.window_url}#t=") for url in urls)
    assert urls[0] != urls[1]


async def test_a_window_is_brought_to_the_front(server: Server, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {running(server.node.config.data_dir).key}"}
    asked: list[str] = []

    def show() -> bool:
        asked.append("shown")
        return True

    server.on_front = show
    async with http.post(f"{server.window_url}front", headers=headers) as answer:
        assert await answer.json() == {"shown": True}
    server.on_front = lambda: False
    async with http.post(f"{server.window_url}front", headers=headers) as answer:
        assert set(await answer.json()) == {"shown", "url"}
    assert asked == ["shown"]


async def test_a_node_describes_itself_and_its_rooms(server: Server, http: aiohttp.ClientSession) -> None:
    async with guest(server) as ada:
        room = await ada.enter("described")
        await ada.say(room, "hello")
        await ada.said(room, 1)
        await eventually(lambda: [shown.id for shown in server.node.directory.offered()] == [room])
        async with http.get(f"{server.lan_url}api/node") as answer:
            assert answer.status == 200
            assert await answer.json() == {
                "node": {"id": server.node.info.id, "name": "test"},
                "instance": server.node.twins.instance,
                "rooms": [
                    {
                        "id": room,
                        "name": "described",
                        "members": 1,
                        "top": 1,
                        "door": "open",
                        "owner": server.node.me.id,
                        "salt": server.node.rooms.get(room).record.salt,
                    }
                ],
                "nodes": [],
                "networks": [],
            }


async def test_a_node_says_where_the_home_is_of_a_room_that_it_introduces(
    server: Server, http: aiohttp.ClientSession
) -> None:
    away = RoomRecord(id="f" * 32, name="far", home=ELSEWHERE, addresses=("127.0.0.1:1",))
    server.node.rooms._add(away)
    await server.node.journal.put_room(away)
    await server.node.journal.mirror(away.id, [event(1, room=away.id)])
    async with http.get(f"{server.lan_url}api/node") as answer:
        (told,) = (await answer.json())["rooms"]
    assert (told["id"], told["top"], told["addresses"]) == (away.id, 1, ["127.0.0.1:1"])
    assert told["home"] == {"id": ELSEWHERE.id, "name": ELSEWHERE.name}


async def test_a_node_of_very_many_rooms_describes_as_many_as_others_read(
    server: Server, http: aiohttp.ClientSession
) -> None:
    for number in range(2_000):
        server.node.rooms._add(RoomRecord(id=f"{number:032x}", name="🍲" * 40, home=server.node.info))
    async with http.get(f"{server.lan_url}api/node") as answer:
        data = await answer.read()
    assert len(data) <= MAX_ANSWER
    assert len(json.loads(data)["rooms"]) == 300


async def test_routes_of_the_one_do_not_exist_in_the_other(server: Server, http: aiohttp.ClientSession) -> None:
    for path in ("token", "front"):
        async with http.post(f"{server.lan_url}{path}") as answer:
            assert answer.status in {404, 405}
    headers = {"Authorization": f"Bearer {running(server.node.config.data_dir).key}"}
    for path in ("api/node", "ws/system", "ws/room/general"):
        async with http.get(f"{server.window_url}{path}", headers=headers) as answer:
            assert answer.status == 404


TUTORIAL = ("system", "chat", "reliable", "notifications", "analytics", "backgroundjob")


async def test_the_tutorials_sockets_do_not_exist(server: Server, http: aiohttp.ClientSession) -> None:
    for name in TUTORIAL:
        async with http.get(f"{server.lan_url}ws/{name}") as answer:
            assert (name, answer.status) == (name, 404)
    assert set(server.node.layers) == {"notifications", "analytics"}


async def test_the_tutorials_sockets_answer_where_they_were_asked_for(
    showcase: Config, http: aiohttp.ClientSession
) -> None:
    async with serving(showcase) as server:
        for name in TUTORIAL:
            async with http.ws_connect(f"{server.lan_url}ws/{name}"):
                pass
        assert set(server.node.layers) == set(ALIASES)


async def test_the_page_answers_at_both(server: Server, http: aiohttp.ClientSession) -> None:
    for url in (server.window_url, server.lan_url):
        async with http.get(url) as answer:
            assert answer.status in {200, 503}
            assert answer.content_type == "text/html"


def test_a_stop_is_patient_for_a_second_only() -> None:
    assert server_module._SHUTDOWN <= 1
