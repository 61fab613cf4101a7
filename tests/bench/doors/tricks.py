"""A hostile home with one room, run as `python -m tests.bench.doors.tricks`: it does one trick as fast as it can.

It is a good home at first. Reads `{"do": NAME}`, the name of a trick or an empty one; that ends every connection, and
who comes then meets the trick, or a good home again. Says on which port it listens, and how often somebody came.
"""

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from aiohttp import web

from tests.support.certificates import answering_as, certificate_of
from tests.support.faults.spans import lasting
from tests.support.lan.hostile import NODE, ROOM, Frame, about, event, joined, welcome

HISTORY = 300
"""Messages that are in the room before anything bad happens."""
_CONTROL = "\x1b[2J\u202e\n2026-01-01 00:00:00,000 CRITICAL lanchat: all is lost"
_HEARTBEAT = 5.0
_PERSON = {"id": "mallory-mallory", "nick": "Mallory"}
_PAGE = 500

Said = Iterable[Frame | str]
Visit = dict[str, Any]
"""What the node that comes has said of itself: its `hello`, and its `join`."""


def kept(seq: int) -> Frame:
    """What was said before anything bad happened."""
    return event(seq, body={"text": f"kept {seq}"})


def _good(visit: Visit) -> Said:
    since = visit["join"].get("since", 0)
    yield joined(*map(kept, range(since + 1, HISTORY + 1)), top=HISTORY)


def _behind(visit: Visit, **more: Any) -> Said:
    """The events behind what the mirror has, for ever."""
    since = max(HISTORY, visit["join"].get("since", 0))
    yield joined(top=since)
    for seq in itertools.count(since + 1):
        yield event(seq, **{key: value(seq) if callable(value) else value for key, value in more.items()})


def _without_end(*frames: Frame | str) -> Callable[[Visit], Said]:
    def trick(visit: Visit) -> Said:
        yield joined(top=visit["join"].get("since", 0))
        yield from itertools.cycle(frames)

    return trick


def _begins_later(_: Visit) -> Said:
    yield joined(event(1_000_000), top=1_000_000, oldest=1_000_000)
    yield {"type": "page", "room": ROOM, "events": [event(2_000_000)], "oldest": 2_000_000}


def _starts_over(visit: Visit) -> Said:
    if not visit["join"].get("since", 0):
        yield joined(*(event(seq, nonce=f"other{visit['number']}-{seq}") for seq in range(1, 100)))
    yield from itertools.repeat({"type": "start_over", "room": ROOM, "top": 0})


def _owner(visit: Visit) -> Said:
    author = {"id": visit["hello"]["owner"], "nick": "Bench"}
    yield joined(top=visit["join"].get("since", 0))
    for seq in itertools.count(visit["join"].get("since", 0) + 1):
        yield {"type": "typing", "room": ROOM, "author": author, "node": NODE.id}
        yield {"type": "presence", "room": ROOM, "node": about()["node"], "members": [author]}
        if not seq % 100:
            yield event(visit["join"].get("since", 0) + 1, author=author, signature="x" * 86)


def _pages(visit: Visit) -> Said:
    """Says that there is more than anybody can have, and answers each question with the same page."""
    since = visit["join"].get("since", 0)
    yield joined(top=2**40 - 1)
    page = [event(seq, body={"text": "x" * 400}) for seq in range(since + 1, since + _PAGE + 1)]
    yield from itertools.repeat({"type": "page", "room": ROOM, "events": page, "oldest": 1})


_TEXT = {"text": "x" * 4000}
_ODD = {"text": "\x01" * 4000}
_LONG = {"id": "\u00e9" * 64, "nick": "\N{GRINNING FACE}" * 32}

JOINED: dict[str, Callable[[Visit], Said]] = {
    "": _good,
    "a history that begins later": _begins_later,
    "a history that starts over": _starts_over,
    "texts of 1,000,000 characters": lambda visit: _behind(visit, body={"text": "x" * 1_000_000}),
    "names of 100 KB": lambda visit: _behind(visit, author={"id": "mallory", "nick": "\x1b[2J\u202e" * 20_000}),
    "the owner's id": _owner,
    "errors with line breaks": _without_end(
        {"type": "error", "code": "disk_full\nforged", "message": _CONTROL, "retry": False},
        {"type": "error", "code": "disk_full", "message": _CONTROL * 1000, "retry": False},
    ),
    "errors that end the connection": _without_end(
        {"type": "error", "code": "disk_full", "message": _CONTROL, "retry": True, "nonce": "n\nforged"}
    ),
    "who is there, and who writes": _without_end(
        *(
            {
                "type": "presence",
                "room": ROOM,
                "node": {"id": f"{number:032x}", "name": "x" * 60},
                "members": [{"id": f"{number}-{person}", "nick": f"{number} {person}"} for person in range(200)],
            }
            for number in range(200)
        ),
        *({"type": "typing", "room": ROOM, "author": _PERSON, "node": NODE.id} for _ in range(200)),
    ),
    "what is read": _without_end(
        *(
            {
                "type": "receipts",
                "room": ROOM,
                "node": {"id": f"{number:032x}", "name": "x" * 60},
                "read": [[seq, 9] for seq in range(200)],
            }
            for number in range(1000)
        )
    ),
    "announcements": _without_end(
        {"type": "notification", "kind": "announcement", "author": _PERSON, "at": 1, "text": "x" * 4000}
    ),
    "messages without end": lambda visit: _behind(visit, body=_TEXT),
    "messages of control characters without end": lambda visit: _behind(visit, body=_ODD),
    "short messages of long names without end": lambda visit: _behind(
        visit,
        body=lambda seq: {"target": f"{seq:0>64}", "emoji": "\N{THUMBS UP SIGN}"},
        kind="reaction",
        nonce=lambda seq: f"{seq:x>64}",
        author=_LONG,
    ),
    "pages without end": _pages,
    "an endless frame": _without_end('{"type": "event", "room": "' + "x" * 20_000_000),
    "what is no frame": _without_end("{" * 60_000),
}
BEFORE = "frames before its welcome"
RULES = "rules without end"
CLOSES = "it closes at once"
TRICKS = (*(name for name in JOINED if name), BEFORE, RULES, CLOSES)
"""All tricks, by name."""


class Trickster:
    """The home, and the trick of the moment.

    Attributes:
        trick: its name; empty for a good home.
        came: how often somebody has joined.
    """

    def __init__(self) -> None:
        self.trick = ""
        self.came = 0
        self._sockets: set[web.WebSocketResponse] = set()

    async def change(self, trick: str) -> None:
        """Hang up, and do something else from now on. Raises KeyError when there is no such trick."""
        if trick and trick not in TRICKS:
            raise KeyError(trick)
        self.trick = trick
        for socket in list(self._sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)

    async def follow(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._sockets.add(socket)
        saying: asyncio.Task[None] | None = None
        try:
            async for visit in self._visits(socket):
                saying = asyncio.create_task(self._say(socket, visit))
        except ConnectionError:
            pass
        finally:
            self._sockets.discard(socket)
            if saying is not None:
                saying.cancel()
                await asyncio.wait({saying})
        return socket

    async def _visits(self, socket: web.WebSocketResponse) -> AsyncIterator[Visit]:
        """Greet who comes, and give how they join."""
        hello: Frame = {}
        async for message in socket:
            command = json.loads(message.data)
            match command["type"]:
                case "hello" if self.trick == CLOSES:
                    return
                case "hello":
                    hello = command
                    while self.trick == BEFORE:
                        await socket.send_json({"type": "rooms", "rooms": []})
                        await asyncio.sleep(0)
                    await socket.send_json(welcome())
                case "open":
                    await socket.send_json({"type": "opened", "ref": command["ref"], "room": about()})
                case "rules":
                    await self._rule(socket, command)
                case "join":
                    self.came += 1
                    yield {"hello": hello, "join": command, "number": self.came}
                case "history" if not self.trick:
                    after = command["after"]
                    events = [kept(seq) for seq in range(after + 1, HISTORY + 1)]
                    await socket.send_json({"type": "page", "room": ROOM, "events": events, "oldest": 1})

    async def _rule(self, socket: web.WebSocketResponse, command: Frame) -> None:
        answer: Frame = {"type": "ruled", "ref": command["ref"], "room": ROOM, "events": []}
        if self.trick == RULES:
            first = command.get("after", 0) + 1
            rules = [
                event(seq, kind="rule", body={"text": json.dumps({"change": "mute", "person": f"{seq:x>64}"})})
                for seq in range(first, first + _PAGE)
            ]
            answer |= {"events": rules, "more": True}
        await socket.send_json(answer)

    async def _say(self, socket: web.WebSocketResponse, visit: Visit) -> None:
        try:
            for frame in JOINED.get(self.trick, _good)(visit):
                await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
                await asyncio.sleep(0)
            while True:
                await lasting(_HEARTBEAT)
                await socket.send_json({"type": "heartbeat", "tops": {ROOM: HISTORY}})
        except ConnectionError:
            return


async def main() -> None:
    home = Trickster()
    app = web.Application()
    app.router.add_get("/ws", home.follow)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=answering_as(certificate_of(NODE.id))).start()
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    while line := await lines.readline():
        await home.change(json.loads(line)["do"])
        print(json.dumps({"came": home.came}), flush=True)
    await home.change("")
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
