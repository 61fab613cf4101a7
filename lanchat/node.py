"""The composition root: builds every part of a node in order and joins them, and nothing else does."""

import contextlib
import functools
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from lanchat.archive import DownloadFolder, Jobs, LivingBranches, LivingRooms, RoomTransfers, SetAside
from lanchat.chores import Chores
from lanchat.config import Config
from lanchat.identity import COPIED, Keyring, Owner, TwinWatch, identify, names, was_brought_back
from lanchat.identity.verification import ComparisonBook
from lanchat.journal import Journal
from lanchat.lan.diagnosis import Doctor
from lanchat.lan.directory import Directory, Network, RoomMoves, open_first_room, share
from lanchat.lan.link import Quota
from lanchat.layers import BaseChannelLayer, InMemoryChannelLayer, make_layers
from lanchat.limits import Addresses
from lanchat.metrics import Analytics
from lanchat.notify import Notifications, OwnerNotices, StartupNotices
from lanchat.protocol import Author, Event, NodeInfo
from lanchat.rooms import (
    Access,
    Doorkeeper,
    MembershipBook,
    RetentionTask,
    RoomRegistry,
    hand_over,
    keep_present,
    keep_seats,
)
from lanchat.runtime import occupy
from lanchat.sessions import LISTENERS, OWNERS, ComparingDesk, Hub, SessionContext, keep_havens

_LAYERS = {"notifications", "analytics"}
"""What a node uses itself; the other layers are the tutorial's."""


class Node:
    """One running Lanchat, without its sockets. Use it with `async with`.

    Args:
        config: every setting.

    Attributes:
        config, keyring: every setting; the secret keys of the node and its person.
        info, owner: the node's id and name; the person whose node it is.
        access, doors: the gate, which every way in asks; the doors of its rooms.
        journal: the durable record.
        layer: the channel layer of the rooms. What it carries is on this machine's disk first, so it stays in memory.
        layers: of the five layers of `make_layers`, those that are used, on Redis if the settings name one.
        analytics, hub: what happened, in numbers; the clients of this node, by what they listen to.
        notifications, startup_notices: what people are told wherever they are; the owner at each window that opens.
        rooms, memberships: those with their home or a mirror here; what people here have not read in them.
        directory, transfers, moves: the lists of rooms; exports and imports of them; what moves them into Redis.
        jobs, showcase_jobs: the work that exports and imports are, and the tutorial's background jobs.
        addresses, comparing: what each address may still do; compares words for the owner.
        network, shared: the rooms of other nodes; those in a Redis, if it shares any.
        doctor, twins: finds out why nobody is found; notices other machines that have this node's key.
        begun: when the node was made, in seconds of the monotonic clock.
        on_move: called when this machine is somewhere else on the network; set by whoever has the sockets.
        where: gives `host:port` where guests reach this node, empty where none shall come; set likewise.
    """

    keyring: Keyring
    info: NodeInfo
    owner: Owner
    access: Access
    doors: Doorkeeper
    journal: Journal
    notifications: Notifications
    rooms: RoomRegistry
    memberships: MembershipBook
    comparing: ComparingDesk
    directory: Directory
    transfers: RoomTransfers
    network: Network
    doctor: Doctor
    twins: TwinWatch

    def __init__(self, config: Config) -> None:
        self.config = config
        self.layer: BaseChannelLayer = InMemoryChannelLayer()
        made = make_layers(config.redis)
        self.layers = {alias: layer for alias, layer in made.items() if config.showcase or alias in _LAYERS}
        self.analytics = Analytics(self.layers["analytics"])
        self.jobs = Jobs(count=self.analytics.count)
        self.showcase_jobs = Jobs(count=self.analytics.count)
        self.hub = Hub(self.layer)
        self.startup_notices = StartupNotices()
        self.addresses = Addresses(config.limits)
        self.on_move: Callable[[], None] = lambda: None
        self.where: Callable[[], str] = str
        self.begun = time.monotonic()
        self._stack = contextlib.AsyncExitStack()
        self._chores = Chores()

    @property
    def me(self) -> Author:
        """The person whose node it is, as others see them."""
        return self.owner.author

    async def __aenter__(self) -> Self:
        """Build the node.

        Raises:
            DataDirUnusable: nothing can be written there.
            AlreadyRunning: another Lanchat uses it.
            LayerError: the layers' server cannot be reached, or its URL cannot be read.
            JournalError: the database cannot be used.
            InvalidRoomName: no room can have the name that was asked for.
            InvalidNick: nobody can have the name that was asked for.
        """
        if self.config.room:
            names.room_name(self.config.room)
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(occupy(self.config.data_dir))
            self.keyring = Keyring.load(self.config.data_dir)
            await self._open_layers(stack)
            await self._open_journal(stack)
            await self._open_rooms(stack)
            self._begin_work(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def door(self, *, is_key: Callable[[str], bool] | None = None, address: Callable[[], str] = str) -> SessionContext:
        """Return what clients meet at a door of this node.

        Args:
            is_key: whether a token is a valid key, at the window's door; None at the network's.
            address: returns the URL at which a browser on the network joins; empty where it is not told.
        """
        return SessionContext(
            node=self.info,
            fingerprint=self.keyring.node.fingerprint,
            owner=self.owner,
            access=self.access,
            doors=self.doors,
            rooms=self.rooms,
            memberships=self.memberships,
            journal=self.journal,
            transfers=self.transfers,
            moves=self.moves,
            layer=self.layer,
            hub=self.hub,
            comparing=self.comparing,
            notifications=self.notifications,
            startup_notices=self.startup_notices,
            diagnose=self.doctor.diagnose,
            look=self.network.discovery.look,
            unite=self.directory.unite,
            bridge=self.network.bridges.turn,
            twins=self.twins,
            list_for=self.directory.list_for,
            is_key=is_key,
            address=address,
            count=self.analytics.count,
            addresses=self.addresses,
        )

    async def appear(self, port: int) -> None:
        """Announce the node and look for others, in the background, and open the room to begin with.

        Args:
            port: TCP port of the room app, which listens already.
        """
        self.network.port = port
        self._stack.push_async_callback(self.network.discovery.close)
        await self.network.discovery.start(port)
        self._changed()
        first = open_first_room(self.rooms, self.network, self.directory, self.access, self.config.room)
        self._chores.begin(first, "first room")

    async def disappear(self) -> None:
        """Let others number in this node's place, and say goodbye to the network."""
        await hand_over(self.rooms)
        await self.network.discovery.close()

    async def _open_layers(self, stack: contextlib.AsyncExitStack) -> None:
        """Open what carries messages, and what listens to it."""
        await stack.enter_async_context(self.layer)
        stack.push_async_callback(self.hub.close)
        for layer in self.layers.values():
            await stack.enter_async_context(layer)
        stack.push_async_callback(self.showcase_jobs.close)
        notifications = Notifications(self.layers["notifications"], count=self.analytics.count)
        self.notifications = await stack.enter_async_context(notifications)

    async def _open_journal(self, stack: contextlib.AsyncExitStack) -> None:
        """Open the record, and with it who this node and its person are."""
        config = self.config
        self.journal = await stack.enter_async_context(Journal(config.database, self._publish, config.limits))
        await self.notifications.alerts.load(self.journal)
        self.info = await identify(self.journal, self.keyring, config.name)
        self.owner = await Owner.load(self.journal, self.keyring.person, given=config.nick, default=config.default_nick)
        self._notices = OwnerNotices(self.me, self.notifications, self.startup_notices, self._chores)
        self.addresses.traces.on_cut_off = self._notices.cut_off
        self.twins = TwinWatch(self._notices.tell)
        tell = functools.partial(self._notices.begin_to_tell, about="guesses")
        self.doors = Doorkeeper(self.journal.doors, self.me.id, limits=config.limits, tell=tell)
        self.access = Access(self.me.id, self.doors)
        for notice in filter(None, (COPIED if self.keyring.is_new_here else "", str(self.journal.recovered or ""))):
            self._notices.keep(notice)

    async def _open_rooms(self, stack: contextlib.AsyncExitStack) -> None:
        """Open the rooms: those of others, those of this node, their lists, and what moves them into files."""
        config, count = self.config, self.analytics.count
        copies = SetAside(config.data_dir / "set-aside", self.journal, self.notifications, self.owner, config.limits)
        self.network = Network(
            self.info,
            self.journal,
            self.notifications,
            copies.set_aside,
            self._changed,
            on_move=self._moved,
            seal=self.owner.seal,
            certificate=self.keyring.node,
            access=self.access,
            doors=self.doors,
            quota=Quota(config.limits, self.journal, self._notices.tell),
            twins=self.twins,
            tell=functools.partial(self._notices.begin_to_tell, about="namesakes"),
            bind=config.bind,
            data_dir=config.data_dir,
            count=count,
        )
        self.shared = share(config, self.network.parts, self.network, stack, lambda: self.where())  # noqa: PLW0108 - set later
        self.rooms = RoomRegistry(
            self.info,
            self.journal,
            self.layer,
            self._changed,
            self.notifications,
            network=self.shared or self.network,
            count=count,
            addresses=self.addresses,
            doors=self.doors,
            limits=config.limits,
        )
        self.doctor = Doctor(self.info, self.network.discovery, self.rooms, config.bind, self.twins)
        self.memberships = MembershipBook(self.journal.memberships, self.rooms)
        self.doors.graves.on_delete = self._deleted
        self.directory = Directory(self.rooms, self.network, self.layer, LISTENERS, config.limits)
        folder, here = config.data_dir, (self.info, self.rooms, self.journal)
        exports = DownloadFolder(config.downloads, folder / "exports")
        imports, branches = LivingRooms(*here), LivingBranches(*here)
        self.transfers = RoomTransfers(
            self.jobs, self.rooms, self.journal, exports, imports, branches, self.owner.seal, folder / "incoming"
        )
        self.moves = RoomMoves(self.jobs, self.rooms, config.redis, self.shared)
        for part in (self.jobs, self.network, self.rooms, self.memberships):
            stack.push_async_callback(part.close)
        await self.doors.graves.load()
        brought_back = await was_brought_back(self.journal, config.data_dir) or self.journal.recovered is not None
        await self.rooms.load(brought_back=brought_back)
        book = await ComparisonBook.load(self.me.id, self.journal)
        self.comparing = ComparingDesk(self.owner, book, self.rooms, self.layer, windows=OWNERS)

    def _begin_work(self, stack: contextlib.AsyncExitStack) -> None:
        """Begin what goes on as long as the node runs."""
        stack.push_async_callback(self._chores.close)
        self._chores.begin(self.directory.run(), "directory")
        self._chores.begin(self.network.bridges.run(self.rooms), "bridges")
        self._chores.begin(self.memberships.run(), "memberships")
        self._chores.begin(self.analytics.deliver(), "analytics")
        self._chores.begin(self.analytics.work(), "analytics worker")
        self._chores.begin(keep_present(self.rooms, self._changed), "presence")
        self._chores.begin(keep_seats(self.rooms), "seats")
        self._chores.begin(keep_havens(self.rooms, self.hub, self.layer), "havens")
        if self.shared is not None:
            self._chores.begin(self.shared.run(self.rooms), "shared rooms")
        self._chores.begin(self.comparing.run(), "comparisons")
        days, messages, mirrors = self.config.keep_days, self.config.keep_messages, self.config.limits.mirror_days
        retention = RetentionTask(self.journal, self.info.id, days=days, messages=messages, mirror_days=mirrors)
        self._chores.begin(retention.run(), "retention")

    def _deleted(self, room: str) -> None:
        if room in self.rooms:
            self._chores.begin(self.rooms.forget(self.rooms.get(room)), "deletion")

    def _changed(self) -> None:
        self.directory.changed()
        self.memberships.rooms_changed()

    def _moved(self) -> None:
        self.on_move()
        self._chores.begin(self.layer.group_send(OWNERS, {"type": "node.moved"}), "address")

    async def _publish(self, room: str, events: list[Event]) -> None:
        for event in events:
            self.analytics.count("events_kept", label=event.kind)
        await self.rooms.publish(room, events)
        self.memberships.note(room, events)
