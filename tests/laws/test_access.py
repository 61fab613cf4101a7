"""Every way into the node asks the gate, rooms/access.py, before it does anything.

Two laws hold that. What opens rooms, speaks in them, reads them or takes them out stands in functions that ask, or in
handlers of the table of commands, which asks for them. And a gate that is closed lets nothing through, by whatever way.
"""

import ast
import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp import web

from lanchat.config import Config
from lanchat.errors import NotOwner
from lanchat.metrics.analytics import uncounted
from lanchat.protocol import VERSION, Hello, encode
from lanchat.sessions.commands import TABLE
from lanchat.web.apps import room_app, window_app
from lanchat.web.server import Server
from lanchat.web.watch import Watch
from lanchat.web.windows import Keys, SignIns
from tests.laws import sources
from tests.laws.test_routes_guarded import routes
from tests.support.clients import guest, running, serving

GUARDED = {
    "rooms": {"open", "enter", "settle", "open_first", "forget"},
    "room": {"post", "invite", "typing"},
    "presence": {"enter", "receive"},
    "receipts": {"read", "receive"},
    "memberships": {"enter", "quit", "read", "read_all", "prefer", "arrange"},
    "journal": {"append", "enqueue", "search", "before", "after", "around"},
    "transfers": {"export", "expect", "receive"},
    "moves": {"begin"},
    "notifications": {"announce", "invite", "pass_on"},
    "offline": {"export_room", "import_room"},
    "invitations": {"issue", "revoke", "admit"},
    "doors": {"enter_by_invitation", "enter_by_passphrase", "knock", "confirm", "stay", "came_in"},
}
"""What only somebody may do whom the gate let through: methods, by what they are called on."""
ENTRANCES = [[part] for part in ("sessions", "lan", "web", "commands", "client", "desktop", "showcase", "cli")]
"""The parts of lanchat through which something comes in."""
BEHIND = {
    "lanchat.sessions.subscription": "reads for who was let in to join, as long as they stay",
    "lanchat.sessions.session.Session": "follows and leaves for the handlers of the table",
    "lanchat.sessions.commands.posts._is_kept": "is called by post, for which the table asks",
    "lanchat.lan.link.inflow.Inflow._take_of_others": "is called by take, which asks",
    "lanchat.lan.link.stream": "is made by the link once the gate let its home through",
    "lanchat.lan.shared.filling": "is asked by the history, and by a move for which the table asks",
    "lanchat.lan.shared.history": "is asked by the link once the gate let Redis through",
}
"""What does such things for somebody who was let in before."""
ROOMLESS = {
    "/",
    "/assets/x",
    "/token",
    "/proof",
    "/windows",
    "/windows/x",
    "/front",
    "/metrics",
    "/health",
    "/ready",
    "/stats",
    "/stats/style.css",
    *(f"/ws/{name}" for name in ("system", "chat", "reliable", "notifications", "analytics", "backgroundjob")),
}
"""Routes behind which there is no room: the page, keys, numbers, how the node is, and the tutorial's systems."""


def unasked(name: str, module: ast.Module, handlers: set[str]) -> list[str]:
    """Say where a module does something guarded in a function that does not ask the gate.

    Args:
        name: of the module.
        module: its code.
        handlers: full names of the functions for which the table of commands asks.
    """
    wrong = []
    for path, function in _functions(module, name):
        if path in handlers or any(f"{path}.".startswith(f"{behind}.") for behind in BEHIND):
            continue
        calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        if any(_is_question(call) for call in calls):
            continue
        wrong += [f"{path}:{call.lineno} does {ast.unparse(call)} and does not ask" for call in calls if _guarded(call)]
    return wrong


def _functions(scope: ast.AST, path: str) -> Iterator[tuple[str, ast.AST]]:
    """Return the functions of a module and the methods of its classes, with all that is defined within them."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path}.{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{path}.{node.name}")


def _guarded(call: ast.expr) -> bool:
    return isinstance(call, ast.Attribute) and call.attr in GUARDED.get(_last_name(call.value), set())


def _is_question(call: ast.expr) -> bool:
    return isinstance(call, ast.Attribute) and call.attr == "check" and _last_name(call.value) == "access"


def _last_name(value: ast.expr) -> str:
    """Return what something is called, without the mark of what is private: `self._rooms` is `rooms`."""
    if isinstance(value, ast.Call):
        value = value.func
    name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    return str(name).lstrip("_").lower()


async def open_ways(app: web.Application, url: str, key: str = "") -> list[str]:
    """Say which routes let somebody through while the gate is closed."""
    wrong = []
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with aiohttp.ClientSession(headers=headers) as session:
        for method, path in sorted(routes(app)):
            if path in ROOMLESS:
                continue
            through = _socket_is_open if path.startswith("/ws") else _is_open
            if await through(session, method, url.rstrip("/") + path, key):
                wrong.append(f"{method} {path} lets somebody through whom the gate does not")
    return wrong


async def _is_open(session: aiohttp.ClientSession, method: str, url: str, _: str) -> bool:
    async with session.request(method, url) as answer:
        return not (answer.status == 403 and (await answer.json())["code"] == NotOwner.code)


async def _socket_is_open(session: aiohttp.ClientSession, _: str, url: str, key: str) -> bool:
    async with session.ws_connect(url) as socket, asyncio.timeout(60):
        if url.endswith("/ws"):
            hello = Hello(version=VERSION, client="window" if key else "guest", token=key)
            await socket.send_str(encode(hello).decode())
        said = await socket.receive()
        end = await socket.receive()
    refused = said.type is aiohttp.WSMsgType.TEXT and end.type is aiohttp.WSMsgType.CLOSE
    return not (refused and end.extra == NotOwner.code)


def closed(*_: object) -> None:
    """In place of the gate's `check`: let nobody through."""
    raise NotOwner


HANDLERS = {f"{row.handler.__module__}.{row.handler.__name__}" for row in TABLE}


@pytest.fixture
async def server(showcase: Config) -> AsyncIterator[Server]:
    async with serving(showcase) as server:
        yield server


def test_every_entrance_asks() -> None:
    entered = [(name, path) for name, path in sources.modules().items() if name.split(".")[1:2] in ENTRANCES]
    sources.obeyed(line for name, path in entered for line in unasked(name, sources.tree(path), HANDLERS))


def test_what_stands_behind_is_there() -> None:
    known = {path for name, file in sources.modules().items() for path, _ in _functions(sources.tree(file), name)}
    places = set(sources.modules()) | known | {path.rpartition(".")[0] for path in known}
    assert set(BEHIND) <= places
    assert known >= HANDLERS


async def test_a_closed_gate_lets_nobody_into_the_room_app(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    app = room_app(server.node, Watch(uncounted))
    async with guest(server) as ada:
        room = await ada.enter("kitchen")
    monkeypatch.setattr(server.node.access, "check", closed)
    sources.obeyed(await open_ways(app, server.lan_url))
    assert [each.id for each in server.node.rooms] == [room]
    assert {path for _, path in routes(app)} - ROOMLESS == {"/ws", "/ws/room/x", "/api/node", "/api/reach", "/app"}


async def test_a_closed_gate_lets_nobody_into_the_windows_app(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    app = window_app(server.node, Keys(SignIns(None, 0)), dict, str, Watch(uncounted))
    monkeypatch.setattr(server.node.access, "check", closed)
    sources.obeyed(await open_ways(app, server.window_url, running(server.node.config.data_dir).key))
    assert {path for _, path in routes(app)} - ROOMLESS == {"/ws", "/jobs/x"}


@pytest.mark.parametrize(
    "code",
    [
        "async def connect(self):\n    await self._rooms.open('x')",
        "class A:\n    def receive(self):\n        self._room.post(draft)",
        "async def page(session, command):\n    return await session.context.journal.after('r', 0, 9)",
        "def upload(transfers):\n    async def handle(_):\n        await transfers.receive('x', _)\n    return handle",
        "async def export():\n    await offline.export_room(config)",
        "async def hear(self, notice):\n    if check(notice):\n        await self._notifications.pass_on(notice)",
        "async def look(self):\n    self.other.check()\n    await room.presence.enter(self, author)",
    ],
)
def test_an_entrance_that_does_not_ask_is_found(code: str) -> None:
    (breach,) = unasked("lanchat.web.new", ast.parse(code), HANDLERS)
    assert "does not ask" in breach


def test_one_that_asks_and_one_for_which_the_table_asks_are_let_be() -> None:
    asks = "async def connect(self):\n    self._access.check(me, 'open')\n    await self._rooms.open('x')"
    assert unasked("lanchat.web.new", ast.parse(asks), HANDLERS) == []
    offline = "async def f():\n    Access().check(AT_MACHINE, 'archive')\n    await offline.export_room(config)"
    assert unasked("lanchat.commands.new", ast.parse(offline), HANDLERS) == []
    handler = "async def post(session, command):\n    session.room(command.room).post(draft)\n    room.post(draft)"
    assert unasked("lanchat.sessions.commands.posts", ast.parse(handler), HANDLERS) == []
    assert len(unasked("lanchat.sessions.commands.other", ast.parse(handler), HANDLERS)) == 2
    elsewhere = "def read(path):\n    path.open()\n    settings.enter()"
    assert unasked("lanchat.web.new", ast.parse(elsewhere), HANDLERS) == []


async def test_a_route_past_the_gate_is_found(server: Server) -> None:
    async def enter(request: web.Request) -> web.Response:
        room = await server.node.rooms.open("past the gate")
        return web.json_response({"room": room.id})

    async def follow(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("welcome")
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_post("/enter/{name}", enter)
    app.router.add_get("/ws/follow", follow)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        wrong = await open_ways(app, f"http://127.0.0.1:{runner.addresses[0][1]}/")
    finally:
        await runner.cleanup()
    assert [line.split(" lets")[0] for line in wrong] == ["GET /ws/follow", "POST /enter/x"]
