"""Somebody on the LAN who means no good: run as `python -m tests.support.lan.stranger`, steered by lines of JSON."""

import asyncio
import json
import socket
import ssl
import sys
import time
from typing import Any

from aiohttp import web
from zeroconf import (  # type: ignore[attr-defined]
    DNSAddress,
    DNSOutgoing,
    DNSPointer,
    DNSService,
    DNSText,
)

from lanchat.identity import NodeCertificate
from tests.support.certificates import answering_as

SERVICE = "_lanchat._tcp.local."
GROUP = ("224.0.0.251", 5353)


def tell(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, "at": time.monotonic(), **more}), flush=True)


def packets(record: dict[str, Any]) -> list[bytes]:
    """Build what a responder would announce, with whatever content."""
    instance, server = f"{record['label']}.{SERVICE}", record.get("server", "stranger.local.")
    out = DNSOutgoing(0x8400)
    out.add_answer_at_time(DNSPointer(SERVICE, 12, 1, record.get("ttl", 4500), instance), 0)
    out.add_answer_at_time(DNSService(instance, 33, 0x8001, 120, 0, 0, record["port"], server), 0)
    pairs = (f"{key}={value}".encode("latin-1", "replace")[:255] for key, value in record["txt"].items())
    out.add_answer_at_time(
        DNSText(instance, 16, 0x8001, 4500, b"".join(bytes([len(pair)]) + pair for pair in pairs)), 0
    )
    for address in record["addresses"]:
        out.add_answer_at_time(DNSAddress(server, 1, 0x8001, 120, socket.inet_aton(address)), 0)
    return list(out.packets())


class Stranger:
    def __init__(self) -> None:
        self.asked = 0
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        self.runners: list[web.AppRunner] = []

    async def obey(self, command: dict[str, Any]) -> None:
        match command:
            case {"do": "say", "records": records}:
                for record in records:
                    for packet in packets(record):
                        self.sender.sendto(packet, GROUP)
            case {"do": "raw", "packets": raw}:
                for packet in raw:
                    self.sender.sendto(bytes.fromhex(packet), GROUP)
            case {"do": "serve", "address": address, "port": port, "answer": answer, "pem": pem}:
                await self.serve(address, port, answer, answering_as(NodeCertificate.parse(pem.encode())))
            case {"do": "count"}:
                tell("asked", count=self.asked)

    async def serve(self, address: str, port: int, answer: Any, tls: ssl.SSLContext) -> None:
        async def about(_: web.Request) -> web.Response:
            self.asked += 1
            return web.json_response(answer)

        app = web.Application()
        app.router.add_get("/api/node", about)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, address, port, ssl_context=tls).start()
        self.runners.append(runner)


async def main() -> None:
    stranger = Stranger()
    tell("ready")
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        await stranger.obey(command)
        tell("done", do=command["do"])


if __name__ == "__main__":
    asyncio.run(main())
