"""The tutorial's system chat at a real node."""

from websockets.asyncio.client import connect

from lanchat.config import Config
from tests.support.clients import serving


async def test_it_greets_and_echoes(showcase: Config) -> None:
    async with serving(showcase) as server, connect(f"{server.lan_url}ws/system".replace("http", "ws")) as client:
        assert await client.recv() == "🔧 System: Connection established!"
        for line in ("hello", "", "🍲", "two\nlines"):
            await client.send(line)
            assert await client.recv() == f"🔧 System Echo: {line}"
        await client.send(b"\xff")
        assert await client.recv() == "🔧 System: Please send text."
        await client.send("still here")
        assert await client.recv() == "🔧 System Echo: still here"
