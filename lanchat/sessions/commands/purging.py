"""What came from whom, and getting rid of it: for the owner, after somebody has flooded the node."""

from lanchat.errors import InvalidFrame
from lanchat.limits import Traces
from lanchat.protocol import Purge, Purged, Trace
from lanchat.rooms import purge as purge_rooms
from lanchat.sessions.session import Session


async def purge(session: Session, command: Purge) -> Purged:
    """Delete what came from an address or a person; without either, say what came from each address.

    Raises:
        InvalidFrame: nothing is known of the address.
        JournalError: not everything could be deleted.
    """
    context, traces = session.context, session.context.addresses.traces
    if not command.address and not command.person:
        return Purged(seen=_seen(traces))
    people, made = {command.person} - {""}, set[str]()
    if command.address:
        trace = traces.of(command.address)
        if trace is None:
            raise InvalidFrame(f"purge: nothing has come from {command.address!r} since this node began.")
        people |= set(trace.people)
        made = {room for room, at in trace.rooms.items() if at >= command.since}
    left = await purge_rooms(
        context.rooms, context.journal, context.owner, people, made, since=command.since, dry=command.dry_run
    )
    return Purged(posts=left.posts, rooms=left.rooms)


def _seen(traces: Traces) -> list[Trace]:
    return [
        Trace(
            address=address,
            since=trace.since,
            last=trace.last,
            refused=trace.refused,
            cut_off=trace.cut_off,
            turned_away=trace.turned_away,
            people=len(trace.people),
            rooms=len(trace.rooms),
        )
        for address, trace in traces.all().items()
    ]
