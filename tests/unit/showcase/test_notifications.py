"""The notifications of the showcase at a real node."""

import json

import pytest

from lanchat.config import Config
from lanchat.consumers.json import NOT_JSON
from lanchat.showcase.notifications import GROUP
from tests.support.clients import serving
from tests.support.consumers.plain import objects, plain

HELLO = {"type": "system", "message": "🔔 Connected to notifications!"}


async def test_what_one_sends_everybody_gets(showcase: Config) -> None:
    async with serving(showcase) as server, plain(server, "notifications") as ada:
        assert await objects(ada, 1) == [HELLO]
        async with plain(server, "notifications") as bob:
            assert await objects(bob, 1) == [HELLO]
            await bob.send(json.dumps({"type": "system", "message": "soup"}))
            told = {"type": "user", "message": "🔔 Notification: soup"}
            assert await objects(ada, 1) == await objects(bob, 1) == [told]


@pytest.mark.parametrize("kind", ["system", "broadcast", "periodic"])
async def test_a_program_that_reaches_the_layer_notifies_as_what_it_likes(showcase: Config, kind: str) -> None:
    async with serving(showcase) as server, plain(server, "notifications") as ada:
        await objects(ada, 1)
        data = {"type": kind, "message": "at 14:00", "severity": 3}
        await server.node.layers["notifications"].group_send(GROUP, {"type": "notification_message", "data": data})
        assert await objects(ada, 1) == [data]


@pytest.mark.parametrize("wrong", ["[]", "7", "{}", '{"message": 7}', '{"message": "  "}', '"text"', "null"])
async def test_what_is_no_notification_is_answered_and_the_socket_lives(showcase: Config, wrong: str) -> None:
    async with serving(showcase) as server, plain(server, "notifications") as ada:
        await objects(ada, 1)
        await ada.send(wrong)
        assert set((await objects(ada, 1))[0]) == {"error"}
        await ada.send("not JSON")
        assert await objects(ada, 1) == [{"error": NOT_JSON}]
        await ada.send('{"message": "fine"}')
        assert (await objects(ada, 1))[0]["type"] == "user"
