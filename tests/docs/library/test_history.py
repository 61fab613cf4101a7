"""docs/library/history.md."""

import aiohttp

from tests.docs.tutorial import Tutorial


async def said(socket: aiohttp.ClientWebSocketResponse, *texts: str) -> str:
    """Say these one after the other and hear each; gives where the last one is."""
    at = ""
    for text in texts:
        await socket.send_json({"text": text})
        heard = await socket.receive_json(timeout=60)
        assert heard["text"] == text
        at = heard["at"]
    return at


async def test_missed_nothing(book: Tutorial) -> None:
    async with book.serving_asgi("missed_nothing") as at, aiohttp.ClientSession() as session:
        url = f"ws://{at}/"
        async with session.ws_connect(url) as ada, session.ws_connect(url) as bo:
            left = await said(ada, "one", "two")
            assert [(await bo.receive_json(timeout=60))["text"] for _ in range(2)] == ["one", "two"]
            await ada.close()
            await said(bo, "three", "four")
            async with session.ws_connect(url, params={"since": left}) as ada_again:
                assert [(await ada_again.receive_json(timeout=60))["text"] for _ in range(2)] == ["three", "four"]
            await said(bo, "five", "six", "seven", "eight")
            async with session.ws_connect(url, params={"since": left}) as late:
                assert await late.receive_json(timeout=60) == {"gone": 1}
                assert [(await late.receive_json(timeout=60))["text"] for _ in range(5)] == [
                    "four",
                    "five",
                    "six",
                    "seven",
                    "eight",
                ]
