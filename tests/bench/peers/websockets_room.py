"""One room on `websockets.broadcast`: run as `python -m tests.bench.peers.websockets_room`."""

import asyncio

from websockets.asyncio.server import ServerConnection, broadcast, serve

from tests.bench.served import stay

members: set[ServerConnection] = set()


async def listen(member: ServerConnection) -> None:
    members.add(member)
    try:
        async for text in member:
            broadcast(members, text)
    finally:
        members.discard(member)


async def main() -> None:
    async with serve(listen, "127.0.0.1", 0, backlog=512, compression=None, ping_interval=None) as server:
        await stay(port=next(iter(server.sockets)).getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
