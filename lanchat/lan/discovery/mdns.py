"""mDNS through zeroconf: announce instances, notice those of others, follow the network. Slow to import: see discovery.

zeroconf asks only in the first 14 s of a browser's life, compares interfaces by address alone, and keeps a vanished
host for at least 1125 s; `browse`, `move` and `forget` are the answers to that.
"""

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from zeroconf import (  # type: ignore[attr-defined]
    DNSIncoming,
    DNSOutgoing,
    DNSPointer,
    DNSService,
    DNSText,
    Error,
    ServiceInfo,
    ServiceStateChange,
    Zeroconf,
)
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from lanchat.lan.addresses import Reach
from lanchat.lan.discovery.questions import Questions
from lanchat.lan.discovery.records import SERVICE, Service

log = logging.getLogger(__name__)

_RESOLVERS = 8
"""Instances that are asked about at once."""
_MAX_WAITING = 500
"""Instances that wait to be asked about; a flood beyond that is not looked at."""
_RESOLVE_MS = 2_000
_ANNOUNCE_AGAIN = 1.5
"""Seconds after a move until the new addresses are announced again: they replace only what is older than a second."""
_SECOND_LOOK = 4.0
"""Seconds after a change until what it replaced has expired: one after the last announcement (RFC 6762, 10.2)."""
_SO_BINDTODEVICE = getattr(socket, "SO_BINDTODEVICE", 25)
_RESPONSE = 0x8400
_IN = 1
_PTR, _TXT, _SRV = 12, 16, 33


class Sighting(msgspec.Struct, frozen=True):
    """One resolved instance as it came from the network: nothing in it has been checked."""

    port: int | None
    addresses: list[str]
    txt: Mapping[bytes, bytes | None]


class Mdns:
    """A responder and a browser on some interfaces. All methods belong to the event loop.

    Args:
        reach: the interfaces to use, and the addresses to announce.
        fenced: whether not even an answer may leave by another interface.
        on_seen: called with the full name of an instance and what it says, when it is new or has changed.
        on_gone: called with the full name of an instance that said goodbye.
        on_unanswered: called with the full name of an instance that somebody asked after, and that did not answer.
    """

    def __init__(
        self,
        reach: Reach,
        *,
        fenced: bool,
        on_seen: Callable[[str, Sighting], None],
        on_gone: Callable[[str], None],
        on_unanswered: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._reach = reach
        self._fenced = fenced
        self._on_seen = on_seen
        self._on_gone = on_gone
        self._services: dict[str, Service] = {}
        self._waiting: dict[str, None] = {}
        self._resolving = 0
        self._tasks: set[asyncio.Future[Any]] = set()
        self._forgetting = False
        self._changed: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._starting: asyncio.Future[None] | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._zeroconf = AsyncZeroconf(interfaces=_interfaces(reach))
        self.questions = Questions(self._zeroconf.zeroconf, on_unanswered)

    async def open(self) -> None:
        """Wait until the sockets are ready, and begin to browse.

        Raises:
            OSError: they are not ready in time.
        """
        self._starting = asyncio.ensure_future(self._zeroconf.zeroconf.async_wait_for_start())
        try:
            # A cancelled wait would cancel zeroconf's own start, which then never closes its sockets.
            await asyncio.shield(self._starting)
        except Error as error:
            raise OSError("mDNS did not start in time.") from error
        self._fence()
        self.questions.listen()
        self.browse()

    async def announce(self, service: Service) -> None:
        """Announce an instance, or announce it anew when something other than its label has changed."""
        known = self._services.get(service.label)
        if known == service:
            return
        try:
            if known is None:
                sent = await self._zeroconf.async_register_service(self._info(service), cooperating_responders=True)
            else:
                sent = await self._zeroconf.async_update_service(self._info(service))
        except (Error, ValueError):
            log.warning("The room %r cannot be announced on the network.", service.label, exc_info=True)
            return
        self._services[service.label] = service
        self._follow(sent)

    async def withdraw(self, label: str) -> None:
        """Withdraw one instance."""
        service = self._services.pop(label, None)
        if service is not None:
            self._follow(await self._zeroconf.async_unregister_service(self._info(service)))

    async def move(self, reach: Reach, *, anew: bool = True) -> None:
        """Follow a change of the network, and ask it again.

        Args:
            reach: the interfaces to use, and the addresses to announce, from now on.
            anew: whether to ask as if for the first time; else it is asked once, if nobody else does.

        Raises:
            OSError: the system refused a socket; try again later.
        """
        before, self._reach = self._reach, reach
        # The addresses first: to take over the interfaces announces everything again, and the old addresses with it.
        if before.addresses != reach.addresses:
            await self._announce_all()
            self._follow(self._announce_again())
        indexes = {link.address: link.index for link in before.own}
        staying = [link for link in reach.own if indexes.get(link.address, link.index) == link.index]
        if len(staying) < len(reach.own):
            await self._zeroconf.async_update_interfaces(_interfaces(Reach(tuple(staying), ())))
        await self._zeroconf.async_update_interfaces(_interfaces(reach))
        self._fence()
        self.questions.listen()
        if anew:
            self.browse()
        else:
            self.questions.ask()

    def browse(self) -> None:
        """Ask the network again, and report everything that is known once more."""
        if self._browser is not None:
            self._browser._async_cancel()  # noqa: SLF001 - what async_cancel does, without a turn of the loop between
        self._browser = AsyncServiceBrowser(self._zeroconf.zeroconf, SERVICE, handlers=[self._heard])

    def forget(self, instance: str, *, wonder: bool = False) -> None:
        """Drop an instance from zeroconf's memory, so that its next announcement counts as new, and `wonder` aloud."""
        goodbye = DNSOutgoing(_RESPONSE)
        goodbye.add_answer_at_time(DNSPointer(SERVICE, _PTR, _IN, 0, instance), 0)
        cache = self._zeroconf.zeroconf.cache
        for kind in (_SRV, _TXT):
            for record in cache.get_all_by_details(instance, kind, _IN):
                if isinstance(record, DNSService):
                    parts = (record.priority, record.weight, record.port, record.server)
                    goodbye.add_answer_at_time(DNSService(instance, _SRV, _IN, 0, *parts), 0)
                elif isinstance(record, DNSText):
                    goodbye.add_answer_at_time(DNSText(instance, _TXT, _IN, 0, record.text), 0)
        self._forgetting = True
        try:
            for packet in goodbye.packets():
                self._zeroconf.zeroconf.record_manager.async_updates_from_response(DNSIncoming(packet))
        finally:
            self._forgetting = False
        if wonder:
            self.questions.wonder(instance)

    async def close(self) -> None:
        """Withdraw every instance and close the sockets. Takes a third of a second."""
        self.questions.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._starting is not None:
            await asyncio.gather(self._starting, return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._browser is not None:
            await self._browser.async_cancel()
        await self._zeroconf.async_close()

    def _heard(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if self._forgetting:
            return
        # Whatever a stranger sends, discovery goes on: nothing raised here may reach zeroconf.
        try:
            if state_change is ServiceStateChange.Removed:
                self._waiting.pop(name, None)
                self._on_gone(name)
                return
            if state_change is ServiceStateChange.Updated and len(self._changed) < _MAX_WAITING:
                self._look_again_at(name)
            info = AsyncServiceInfo(service_type, name)
            if info.load_from_cache(zeroconf):
                self._on_seen(name, _sighting(info))
            elif len(self._waiting) < _MAX_WAITING:
                self._waiting[name] = None
                if self._resolving < _RESOLVERS:
                    self._resolving += 1
                    self._follow(self._resolve())
        except Exception:
            log.debug("An instance of the network could not be read.", exc_info=True)

    async def _announce_all(self) -> None:
        for service in list(self._services.values()):
            self._follow(await self._zeroconf.async_update_service(self._info(service)))

    async def _announce_again(self) -> None:
        await asyncio.sleep(_ANNOUNCE_AGAIN)
        await self._announce_all()

    def _look_again_at(self, name: str) -> None:
        """Read an instance once more when its old records have expired, of which zeroconf says nothing."""
        loop = asyncio.get_running_loop()
        self._changed[name] = loop.time() + _SECOND_LOOK
        if self._timer is None:
            self._timer = loop.call_later(_SECOND_LOOK, self._look_again)

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        for name in [name for name, due in self._changed.items() if due <= loop.time()]:
            del self._changed[name]
            self._heard(self._zeroconf.zeroconf, SERVICE, name, ServiceStateChange.Added)
        left = self._changed.values()
        self._timer = loop.call_at(min(left), self._look_again) if left else None

    async def _resolve(self) -> None:
        try:
            while self._waiting:
                name = next(iter(self._waiting))
                del self._waiting[name]
                await self._ask(name)
        finally:
            self._resolving -= 1

    async def _ask(self, name: str) -> None:
        try:
            info = AsyncServiceInfo(SERVICE, name)
            if await info.async_request(self._zeroconf.zeroconf, _RESOLVE_MS):
                self._on_seen(name, _sighting(info))
        except Exception:
            log.debug("An instance of the network could not be resolved.", exc_info=True)

    def _info(self, service: Service) -> ServiceInfo:
        return ServiceInfo(
            SERVICE,
            f"{service.label}.{SERVICE}",
            port=service.port,
            properties=dict(service.txt),
            server=service.server,
            parsed_addresses=self._reach.addresses,
        )

    def _fence(self) -> None:
        """Tie the sockets to the one interface: zeroconf's listening socket is open to all, and would answer them."""
        if not (self._fenced and sys.platform == "linux" and self._reach.own):
            return
        device = self._reach.own[0].interface.encode() + b"\0"
        for reader in self._zeroconf.zeroconf.engine.readers:
            try:
                reader.sock.setsockopt(socket.SOL_SOCKET, _SO_BINDTODEVICE, device)
            except OSError as error:
                log.debug("A socket of mDNS cannot be tied to %s: %s", self._reach.own[0].interface, error)

    def _follow(self, work: Awaitable[None]) -> None:
        """Run work of ours, or keep a task of zeroconf, until it is done, so that `close` can end it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _interfaces(reach: Reach) -> list[str | int]:
    """Return zeroconf's way to name interfaces: the address for IPv4, the number for IPv6."""
    four = [link.address for link in reach.own if ":" not in link.address]
    six = {link.index for link in reach.own if ":" in link.address and link.index}
    return [*four, *sorted(six)]


def _sighting(info: ServiceInfo) -> Sighting:
    return Sighting(info.port, info.parsed_scoped_addresses(), info.properties)
