"""One room as the node of a link follows it: with everything by which it can check who said what."""

from collections.abc import Sequence

from msgspec.structs import replace

from lanchat.consumers import Socket
from lanchat.identity import Seal
from lanchat.journal import Journal
from lanchat.layers import Message
from lanchat.metrics import Count, uncounted
from lanchat.protocol import Event, codec, encode
from lanchat.rooms import Room
from lanchat.sessions.hub import Run
from lanchat.sessions.paging import Excerpt, fit
from lanchat.sessions.subscription import Keeper, Subscription

AT_ONCE = 64
"""Most events of one commit that are signed while others wait; more of them the link gets from the journal."""


class LinkSubscription(Subscription):
    """The cursor of a link in one room. A link keeps history as it is, and folds nothing into it.

    Args:
        room: the room.
        journal: where holes are repaired from.
        socket: the link.
        seal: signs what leaves this node.
        keeper: is told when other rules hold in the room.
        count: counts the repairs.
    """

    __slots__ = ("_seal",)

    def __init__(
        self,
        room: Room,
        journal: Journal,
        socket: Socket,
        seal: Seal,
        *,
        keeper: Keeper | None = None,
        count: Count = uncounted,
    ) -> None:
        super().__init__(room, journal, socket, keeper=keeper, count=count)
        self._seal = seal

    def on_message(self, message: Run | Message) -> None:
        """Take what comes from the room, and events as other nodes take them."""
        if not isinstance(message, Run):
            if message["type"] != "room.policy":
                super().on_message(message)
            elif self._keeper is not None:  # a node follows the rules themselves
                self._keeper.rules_changed(self.room)
        elif len(message.frames) > AT_ONCE or not message.signatures:
            self._known = max(self._known, message.last)
            if self._begun:
                self._catch_up()
        else:
            super().on_message(message.form(leaving, self._seal))

    async def _ready(self, events: Sequence[Event]) -> list[Event]:
        return await self._seal.all_leaving(events)

    async def _excerpt(self, events: list[Event], place: int) -> Excerpt:
        return Excerpt(fit(await self._ready(events), place)[0], [])


def leaving(run: Run, seal: Seal) -> Run:
    """Return a run of events that people are sent as other nodes take it."""
    signed = zip(map(codec.decode_event, run.frames), run.signatures, run.vouchers, strict=True)
    events = (replace(event, signature=signature, voucher=voucher) for event, signature, voucher in signed)
    return Run(run.first, [encode(seal.leaving(event)) for event in events])
