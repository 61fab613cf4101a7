"""The showcase's chat at a real node."""

from lanchat.config import Config
from tests.support.clients import serving
from tests.support.consumers.plain import lines, plain


async def test_the_lines_are_those_of_the_tutorial(showcase: Config) -> None:
    async with serving(showcase) as server, plain(server, "chat") as ada:
        assert await lines(ada, 1) == ["📢 Someone joined the chat"]
        async with plain(server, "chat") as bob:
            assert await lines(ada, 1) == await lines(bob, 1) == ["📢 Someone joined the chat"]
            await ada.send("hello")
            await bob.send("🍲\nsoup")
            assert sorted(map(str, await lines(ada, 2))) == sorted(map(str, await lines(bob, 2)))
        assert await lines(ada, 1) == ["❌ Someone left the chat."]


async def test_any_program_that_reaches_the_layer_can_speak(showcase: Config) -> None:
    async with serving(showcase) as server, plain(server, "chat") as ada:
        await lines(ada, 1)
        await server.node.layers["chat"].group_send("chat_room", {"type": "chat.message", "message": "from outside"})
        assert await lines(ada, 1) == ["from outside"]


async def test_nothing_of_it_reaches_the_rooms(showcase: Config) -> None:
    async with serving(showcase) as server, plain(server, "room/chat_room") as room, plain(server, "chat") as chat:
        await lines(room, 1)
        await lines(chat, 1)
        await chat.send("in the chat")
        assert await lines(chat, 1) == ["💬 in the chat"]
        await room.send("in the room")
        assert await lines(room, 1) == ["💬 in the room"]
