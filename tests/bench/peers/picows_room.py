"""One room on picows: run as `python -m tests.bench.peers.picows_room`."""

import asyncio
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from tests.bench.served import stay

members: set[Any] = set()


class Member(WSListener):  # type: ignore[misc]
    def on_ws_connected(self, transport: WSTransport) -> None:
        members.add(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            text = frame.get_payload_as_bytes()
            for member in members:
                member.send(WSMsgType.TEXT, text)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        members.discard(transport)


def listen(request: WSUpgradeRequest) -> Member:
    return Member()


async def main() -> None:
    server = await ws_create_server(listen, "127.0.0.1", 0, backlog=512)
    async with server:
        await stay(port=server.sockets[0].getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
