"""Who forges advertisements, from many addresses: `python -m tests.bench.doors.forger ADDRESSES REAL COUNT RATE`.

Half of what it advertises answers over HTTP: under its own certificate and as a node does, or with too much, or with
what is no node's answer, or under another certificate. Behind the other half nobody answers, or nobody says anything,
or there is the real node, or the room is said to be the real one. Says when it begins, and at the end what it has done.

ADDRESSES is a list as JSON, REAL an advertisement of the real room as JSON. It begins when it is sent a line.
"""

import asyncio
import functools
import json
import logging
import resource
import secrets
import socket
import ssl
import sys
import time
import uuid
from typing import Any

from lanchat.identity import NodeCertificate
from tests.support.certificates import answering_as
from tests.support.faults.spans import lasting
from tests.support.lan.stranger import GROUP, packets

Record = dict[str, Any]

PORTS = range(20_000, 32_000)
_KINDS = ("honest", "honest", "honest", "large", "claims", "other", "silent", "closed", "closed", "spoofed")
"""What is behind an advertisement, by its number; the first five answer by HTTP."""
_LARGE = b"[" * 200_000
_CONTEXTS = 256


class Forger:
    """What is advertised, and what answers.

    Args:
        addresses: where.
        real: an advertisement of the real room.
        count: how many are forged.

    Attributes:
        asked: how many connections came.
        answered: how many requests were answered.
    """

    def __init__(self, addresses: list[str], real: Record, count: int) -> None:
        self.asked = 0
        self.answered = 0
        self._addresses = addresses
        self._real = real
        self._certificates: dict[int, NodeCertificate] = {}
        self.records = [self._record(number) for number in range(count)]
        self._context = functools.lru_cache(_CONTEXTS)(self._new_context)

    async def serve(self) -> None:
        """Answer at every port that something is behind."""
        for number, record in enumerate(self.records):
            if _KINDS[number % len(_KINDS)] not in {"closed", "spoofed"}:
                sock = socket.socket()
                sock.bind(("0.0.0.0", record["port"]))
                sock.listen(8)
                await asyncio.start_server(functools.partial(self._answer, number), sock=sock)

    async def _answer(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        kind = _KINDS[number % len(_KINDS)]
        try:
            async with asyncio.timeout(30):
                if kind != "silent":
                    await writer.start_tls(self._context(number))
                await reader.readuntil(b"\r\n\r\n")
                body = _LARGE * 2 if kind == "large" else self._body(number)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
                self.answered += 1
        except (OSError, EOFError, TimeoutError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()

    def _new_context(self, number: int) -> ssl.SSLContext:
        certificate = self._certificates.get(number) or self._certificates[0]
        return answering_as(certificate)

    def _body(self, number: int) -> bytes:
        txt = self.records[number]["txt"]
        room = {"id": txt["id"], "name": txt["n"], "members": 9_000, "top": 2**40}
        room |= {"owner": self._real.get("owner", ""), "salt": self._real.get("salt", "")}
        return json.dumps({"node": {"id": txt["node"], "name": txt["nn"]}, "rooms": [room]}).encode()

    def _record(self, number: int) -> Record:
        kind = _KINDS[number % len(_KINDS)]
        node, room, name = secrets.token_hex(16), uuid.uuid4().hex, f"{self._real['name']} {number}"
        port, address = PORTS[number], self._addresses[number % len(self._addresses)]
        if kind in {"honest", "large", "claims"}:
            self._certificates[number] = made = NodeCertificate.new()
            node = made.id
        if kind == "claims":
            room, name = self._real["id"], self._real["name"]
        elif kind == "spoofed":
            node, port, address = self._real["node"], self._real["port"], self._real["address"]
            room = room if number % 20 else self._real["id"]
        elif number % 4 == 0:
            name = self._real["name"]
        return {
            "label": f"{name} ({room[:6]}) {number}",
            "server": f"lanchat-{number:08x}.local.",
            "port": port,
            "addresses": [address],
            "txt": {"v": "1", "id": room, "node": node, "nn": self._real["nn"], "n": name, "m": "9000"},
        }


async def main(addresses: list[str], real: Record, count: int, rate: float) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each TLS connection that ends
    print(json.dumps({"event": "ready", "at": time.monotonic()}), flush=True)
    forger = Forger(addresses, real, count)
    await forger.serve()
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    made = [packet for record in forger.records for packet in packets(record)]
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print(json.dumps({"event": "armed", "at": time.monotonic()}), flush=True)
    await lines.readline()
    began = time.monotonic()
    for number, packet in enumerate(made):
        if (due := began + number / rate - time.monotonic()) > 0:
            await lasting(due)
        sender.sendto(packet, GROUP)
    said = {"sent": len(made), "asked": forger.asked, "answered": forger.answered}
    print(json.dumps({"event": "done", "at": time.monotonic(), **said}), flush=True)
    await lines.read()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
