"""What takes long: rooms out into files, and in again."""

from lanchat.errors import NotModerator
from lanchat.protocol import Cancel, Done, Export, Import, JobStatus, MoveRoom, Reveal
from lanchat.sessions.job_feed import status_of
from lanchat.sessions.session import Session


async def export(session: Session, command: Export) -> JobStatus:
    """Begin to write a room into a file. Raises NoSuchRoom, TooManyJobs."""
    owner = await session.job_feed.open()
    return status_of(session.context.transfers.export(command.room, command.format, owner, session.job_feed.report))


async def import_room(session: Session, command: Import) -> JobStatus:
    """Begin to expect a file. Raises InvalidArchive, TooManyJobs."""
    owner = await session.job_feed.open()
    transfers = session.context.transfers
    job = transfers.expect(command.size, owner, session.job_feed.report, merge=command.merge, carried=command.carried)
    return status_of(job)


async def move(session: Session, command: MoveRoom) -> JobStatus:
    """Begin to move a room into a Redis or out of it. Raises NoSuchRoom, NotModerator, CannotMove, TooManyJobs."""
    context = session.context
    room = context.rooms.get(command.room)
    if not room.door.policy.moderates(context.access.owner):
        raise NotModerator
    owner = await session.job_feed.open()
    return status_of(context.moves.begin(room, command.to, owner, session.job_feed.report))


async def cancel(session: Session, command: Cancel) -> JobStatus:
    """End a job of this client. Raises NoSuchJob."""
    owner = await session.job_feed.open()
    return status_of(session.context.transfers.jobs.cancel(command.job, owner))


async def reveal(session: Session, _: Reveal) -> Done:
    """Show where exports are, on this machine's screen. Raises JobError."""
    await session.context.transfers.reveal()
    return Done()
