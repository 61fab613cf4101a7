"""Two apps on two sockets around one node."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Self
from urllib.parse import quote

from aiohttp import web

from lanchat import runtime
from lanchat.config import LAN_PORT, WINDOW_PORT, Config, networks_in
from lanchat.consumers.aiohttp import OPEN_SOCKETS
from lanchat.lan import lan_address, mdns_name
from lanchat.lan.connection import NodeAddress, answering_context
from lanchat.limits import TokenRate, Turnstile, places, raise_descriptors
from lanchat.node import Node
from lanchat.runtime import Running
from lanchat.web.apps import room_app, window_app
from lanchat.web.between import Between
from lanchat.web.entrance import Entrance
from lanchat.web.proxies import Proxies
from lanchat.web.sockets import listen, port_of
from lanchat.web.watch import Watch
from lanchat.web.windows import FILE, Keys, SignIns

_log = logging.getLogger(__name__)

_SHUTDOWN = 1.0
DRAIN = 2.5
"""Seconds in which proxies in front of a node learn that it is not ready, before its clients are sent on."""
RESTARTED = 1012
"""Close code of a server that is taken down while another one is there: https://www.iana.org/assignments/websocket."""
_FLOOD = 2
"""Times what is read of a connection's frames: so much it may send, whatever it is, before it is cut off."""


class Server:
    """The sockets of a node. Use it with `async with`; `serve` does it together with the node.

    Args:
        node: the node, which runs already.

    Attributes:
        node: the node.
        watch: counts its sockets.
        on_front: brings the desktop's window to the front and returns whether there was one; set by the desktop.
    """

    _keys: Keys

    def __init__(self, node: Node) -> None:
        self.node = node
        self.on_front: Callable[[], bool] | None = None
        self._stack = contextlib.AsyncExitStack()
        self._window_port = 0
        self._lan_port = 0
        self._told = ""
        self.watch = Watch(node.analytics.count)
        self._room_app: web.Application | None = None

    @property
    def window_url(self) -> str:
        """URL of the window's app; it answers on this machine only."""
        return NodeAddress("127.0.0.1", self._window_port).url

    @property
    def _lan_host(self) -> str:
        """Where others reach this machine: its name in mDNS where they do so by link-local addresses of IPv6 only."""
        return lan_address(self.node.config.bind) or mdns_name(self.node.info.id)

    @property
    def _lan_place(self) -> str:
        """Where guests reach this node, as `host:port`."""
        return str(NodeAddress(self._lan_host, self._lan_port))

    @property
    def lan_url(self) -> str:
        """URL of the room app, at the address that is best for other machines."""
        return NodeAddress(self._lan_host, self._lan_port).url

    @property
    def secure_url(self) -> str:
        """URL of the room app by TLS: for other nodes, and for browsers that take its certificate."""
        return NodeAddress(self._lan_host, self._lan_port).secure_url

    def new_window_url(self) -> str:
        """Return a URL that opens one window, once, within a minute."""
        room = self.node.config.room
        query = f"?room={quote(room, safe='')}" if room else ""
        return f"{self.window_url}{query}#t={self._keys.issue()}"

    async def __aenter__(self) -> Self:
        """Listen on both ports, then appear on the network.

        Raises:
            PortTaken: a port that was asked for is taken.
            InvalidAddress: this machine does not have the address to bind.
        """
        config = self.node.config
        async with contextlib.AsyncExitStack() as stack:
            window_sockets = listen("127.0.0.1", config.window_port, WINDOW_PORT)
            for sock in window_sockets:
                stack.enter_context(contextlib.closing(sock))
            lan_sockets = listen(config.bind, config.port, LAN_PORT)
            for sock in lan_sockets:
                stack.enter_context(contextlib.closing(sock))
            self._window_port, self._lan_port = port_of(window_sockets), port_of(lan_sockets)
            self._keys = Keys(SignIns(config.data_dir / FILE, self._window_port))
            runners: list[web.AppRunner] = []
            stack.push_async_callback(_clean_up, runners)
            limits = config.limits
            there = places(limits, raise_descriptors())
            at_window = Turnstile(there.window, there.window)
            proxies = Proxies(networks_in(config.proxies, "proxies"))
            at_network = Turnstile(there.network, there.address, self.node.addresses, proxies.has)
            own = window_app(self.node, self._keys, self._front, lambda: self.lan_url, self.watch)
            runner = await _set_up(own, runners)
            for sock in window_sockets:
                await Entrance(runner, sock, at_window).start()
            tls = answering_context(self.node.keyring.path)
            self._room_app = room_app(self.node, self.watch)
            runner = await _set_up(self._room_app, runners)
            flood = TokenRate(_FLOOD * limits.byte_rate, _FLOOD * limits.byte_burst)
            for sock in lan_sockets:
                between = Between(self.node.network.bridges)
                await Entrance(runner, sock, at_network, flood, tls=tls, idle=limits.idle_time, between=between).start()
            self._write_runtime_file()
            stack.callback(runtime.remove, config.data_dir)
            self.node.on_move = self._moved
            self.node.where = lambda: "" if proxies or self.watch.draining.begun else self._lan_place
            await self.node.appear(self._lan_port)
            stack.push_async_callback(self.node.disappear)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def drain(self) -> None:
        """Send the clients of a node that shares its rooms to the others, before it ends.

        First nobody new comes, as far as proxies ask; then everybody here is closed, and nobody let in any more.
        """
        self.watch.draining.begun = True
        shared, proxies = self.node.shared, self.node.config.proxies
        if shared is None or self._room_app is None or not (proxies or shared.shared.others):
            return
        await shared.shared.leave()
        if proxies:
            await asyncio.sleep(DRAIN)
        self.watch.draining.closed = True
        await self._room_app[OPEN_SOCKETS].close(RESTARTED, "another node is there")

    def _front(self) -> dict[str, object]:
        if self.on_front is not None and self.on_front():
            return {"shown": True}
        return {"shown": False, "url": self.new_window_url()}

    def _write_runtime_file(self) -> None:
        self._told = self.lan_url
        runtime.write(
            self.node.config.data_dir,
            Running(pid=os.getpid(), window=self.window_url, lan=self._told, key=self._keys.local),
        )

    def _moved(self) -> None:
        """Let programs know where this node is now; whoever reads the log as well."""
        if self.lan_url != self._told:
            try:
                self._write_runtime_file()
            except OSError as error:
                _log.warning("Programs are not told where this node is now: %s", error)
            _log.info("Others reach this node at %s now.", self._told)


async def _set_up(app: web.Application, runners: list[web.AppRunner]) -> web.AppRunner:
    """Make an app ready; how its connections are read is in `HttpConnection`."""
    runner = web.AppRunner(app, shutdown_timeout=_SHUTDOWN, handle_signals=False)
    runners.append(runner)
    await runner.setup()
    return runner


async def _clean_up(runners: list[web.AppRunner]) -> None:
    """Stop listening, then inform every client that the node goes away."""
    await asyncio.gather(*(runner.cleanup() for runner in runners))


@contextlib.asynccontextmanager
async def serve(config: Config) -> AsyncIterator[Server]:
    """Run a node with both its apps.

    Raises:
        StartError: why it cannot run, for example PortTaken or AlreadyRunning.
        JournalError: the database cannot be used.
    """
    async with Node(config) as node, Server(node) as server:
        yield server
